"""The chain: what a profile's files mean, worked out once for all who ask."""
