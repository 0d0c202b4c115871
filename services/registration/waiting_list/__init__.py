"""The waiting list: who is seated or offered seats next, by which rule, and why not sooner."""
