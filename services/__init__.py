"""The three services; none imports another, they meet in `shared.contracts`."""
