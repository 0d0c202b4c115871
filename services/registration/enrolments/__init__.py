"""Enrolments: a family's seats at one event, and the waiting list."""
