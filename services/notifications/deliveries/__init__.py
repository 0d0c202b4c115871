"""Notifications: made once, handed to a provider, settled by receipts."""
