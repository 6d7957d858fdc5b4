"""Ways to break a node, one family a file; each proves that it took effect and that its healing did."""
