"""`qayidis`, the operator's command line."""
