"""The public plane and what stands behind it."""
