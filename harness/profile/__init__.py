"""The configuration under test: read, understood, and instrumented. Pure."""
