"""What organisers do with an event: write, publish, move, cancel and complete it."""
