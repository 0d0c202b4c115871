"""How to reach each person: this service's own copy."""
