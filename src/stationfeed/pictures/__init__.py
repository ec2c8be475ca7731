"""Photos as they are shown: opened safely, and made in the sizes that pages need."""
