"""The door: the check-in page, which works without the network once it was opened."""
