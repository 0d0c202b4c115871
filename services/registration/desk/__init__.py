"""Desk: the frame of every page: languages, layout, sign-in, forms, headers."""
