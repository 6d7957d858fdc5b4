"""Measures out of a finished history. Pure."""
