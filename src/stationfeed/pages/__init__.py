"""Values become pages: HTML that reads well with nothing but HTML."""
