"""Calendar: the local copy of events, learned from the queue alone."""
