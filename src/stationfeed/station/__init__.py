"""One open station: its folder read, its last good versions kept, its public things up to date."""
