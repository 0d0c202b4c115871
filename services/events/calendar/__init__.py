"""What everybody may see of events, without a token."""
