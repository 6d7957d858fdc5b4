"""The configuration under test: read, moved to a lab's network, and instrumented. Pure."""
