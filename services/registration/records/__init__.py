"""Records: all that is kept of one person, as a file for that person."""
