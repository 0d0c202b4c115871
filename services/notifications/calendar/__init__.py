"""The events that texts speak of: this service's own copy."""
