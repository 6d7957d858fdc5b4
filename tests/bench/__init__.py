"""Benchmarks of the harness itself; `make bench` prints them."""
