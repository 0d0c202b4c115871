"""Registrations of one person, or of one family, made one; and made two again."""
