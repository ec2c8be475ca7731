"""What comes from outside the station, read behind limits."""
