"""How each family was at any time, and what changed it."""
