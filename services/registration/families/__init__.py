"""Families: who belongs to a household, how to reach them, and what they consented to."""
