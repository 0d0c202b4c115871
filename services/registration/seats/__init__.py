"""Seats: how full an event is."""
