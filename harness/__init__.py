"""A laboratory that kills parts of a Kubernetes control-plane HA chain and measures what clients see."""

__version__ = "0.1.0"
