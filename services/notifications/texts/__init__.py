"""Every text a family receives, in the language they read."""
