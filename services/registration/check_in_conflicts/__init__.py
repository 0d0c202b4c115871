"""Conflicts: check-ins of an offline desk that a person has to settle."""
