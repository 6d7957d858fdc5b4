"""Measures out of a finished history. Pure: no containers, no network, no clock."""
