"""Search: one box that finds a person by any spelling, number, place or ticket."""
