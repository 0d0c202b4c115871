"""Who has seats and who waits: this service's own copy."""
