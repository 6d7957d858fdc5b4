"""The network and containers of one trial. Only here is a container engine spoken to."""
