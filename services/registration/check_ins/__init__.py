"""Check-ins: the proof that a person was there."""
