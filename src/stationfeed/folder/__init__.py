"""Text files of the station folder ⇄ values."""
