"""Attendance: the list of who was there, printed."""
