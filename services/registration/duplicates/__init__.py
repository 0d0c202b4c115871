"""Duplicates: who was likely registered twice, as cases for a person to decide."""
