"""What haproxy.cfg says of a backend beside its servers: what becomes of a connection whose server is dead."""

from __future__ import annotations

from dataclasses import dataclass

from harness.model.setting import Setting
from harness.profile import haproxy
from harness.profile.files import HAPROXY
from harness.profile.folder import Profile
from harness.profile.haproxy import Section, Server, seconds
from harness.profile.where import Where

# haproxy's own: CONN_RETRIES in defaults.h.
RETRIES = 3
ROTATING = ("roundrobin", "static-rr", "random")


@dataclass(frozen=True)
class Balancer:
    """The settings that hold for one server's backend on one node: the backend's own, else its defaults'."""

    profile: Profile
    node: str
    server: Server

    def redispatch(self) -> Setting | None:
        """Return the option that has every retry go to another server; None where retries stay with the dead one.

        Only with an algorithm that rotates is every retry a new choice; else the last one alone goes elsewhere.
        """
        algorithm = self._last("balance")
        rotates = algorithm is None or algorithm.text.split()[1:2][0] in ROTATING
        return self._last("option", "redispatch") if rotates else None

    def retries(self) -> tuple[int, tuple[Setting, ...]]:
        """Return how often a failed connection is tried again, and where that is written, if it is."""
        found = self._last("retries")
        return (int(found.text.split()[1]), (found,)) if found else (RETRIES, ())

    def timeout_server(self) -> tuple[float, Setting] | None:
        """Return the seconds after which a silent session is cut; None where it never is."""
        found = self._last("timeout", "server")
        return (seconds(found.text.split()[2]), found) if found else None

    def timeout_check(self) -> Setting | None:
        """Return the setting that bounds a check beyond its connection, where there is one."""
        return self._last("timeout", "check")

    def secure_check(self) -> bool:
        """Say whether the check shakes hands over TLS."""
        words = {word for _, line in self._lines() if line[:2] == ["server", self.server.name] for word in line}
        checks = (["http-check", "connect"], ["tcp-check", "connect"])
        connects = (line for _, line in self._lines() if line[:2] in checks)
        return bool(words & {"ssl", "check-ssl"}) or any("ssl" in line for line in connects)

    def _lines(self) -> list[tuple[int, list[str]]]:
        text = next((file.text for file in self.profile.files[self.node] if file.path == HAPROXY), "")
        held: list[Section] = []
        for section in haproxy.parse(text, "haproxy.cfg"):
            if section.kind == "defaults":
                held = [section]
            elif section.kind in ("backend", "listen") and section.name == self.server.backend:
                return [line for one in (*held, section) for line in one.lines]
        return []

    def _last(self, *words: str) -> Setting | None:
        found = None
        for number, line in self._lines():
            if line[: len(words)] == list(words):
                found = Setting(" ".join(line), Where(self.server.at("").path, number))
            elif line[: len(words) + 1] == ["no", *words]:
                found = None
        return found
