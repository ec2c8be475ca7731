"""Masters and what is made of them."""
