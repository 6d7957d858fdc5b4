"""The time each link of the chain may take, from a profile's own timers. Pure."""
