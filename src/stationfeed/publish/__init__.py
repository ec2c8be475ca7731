"""Which public things changed; write them."""
