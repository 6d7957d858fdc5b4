"""haproxy.cfg as haproxy 2.6 takes it: its sections with their places, and typed views of what they say."""

from harness.profile.haproxy.check import Level
from harness.profile.haproxy.frontend import Frontend, frontends, mute
from harness.profile.haproxy.section import PROXIES, Section, Sections, Setting, effective, parse, render, stats_socket
from harness.profile.haproxy.server import Server, servers
from harness.profile.haproxy.values import seconds

__all__ = [
    "PROXIES",
    "Frontend",
    "Level",
    "Section",
    "Sections",
    "Server",
    "Setting",
    "effective",
    "frontends",
    "mute",
    "parse",
    "render",
    "seconds",
    "servers",
    "stats_socket",
]
