"""A cluster of one's own, watched from beside it: no container and no fault, but requests and what the wire tells."""
