"""Consents: what a family allowed, on which basis, until when, and what it took back."""
