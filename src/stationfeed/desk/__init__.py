"""What staff do, as use cases."""
