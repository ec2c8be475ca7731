"""Values → RSS, Atom, JSON Feed and OPML."""
