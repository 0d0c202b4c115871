"""Figures, side by side in one run: `make bench`. Nothing here asserts a time."""
