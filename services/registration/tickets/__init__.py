"""Tickets: a signed code for a family's seats, checked without the network."""
