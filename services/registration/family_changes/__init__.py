"""What happens to a family in life: birth, death, move, a new head, split and join."""
