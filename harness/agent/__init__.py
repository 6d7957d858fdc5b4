"""Programs that run inside the containers, on the standard library alone."""
