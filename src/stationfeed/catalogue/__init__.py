"""The index over the folder, never a truth."""
