"""What an agent does for a fault: one file a family, each deed a dataclass of its parameters."""
