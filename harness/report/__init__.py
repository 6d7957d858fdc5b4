"""What a reader sees of a campaign. Pure."""
