"""What a profile's own timers imply, in closed form: an interval for each link of each failover."""
