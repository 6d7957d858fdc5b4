"""Shell scripts, read as far as checks go."""
