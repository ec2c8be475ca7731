"""What is on air when: grid, overrides and what really aired become slots; iCalendar in and out. Pure."""
