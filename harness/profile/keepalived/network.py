"""What an instance says of the network: its version, its own addresses, its peers', and those that it holds."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from harness.errors import ProfileError
from harness.profile.keepalived.block import Block
from harness.profile.keepalived.settings import Settings, value_of, whole

_SOURCES = ("unicast_src_ip", "mcast_src_ip", "mcast_dst_ip")


class Network:
    """Reads an instance's statements in their order: the first address settles the family, the first version stays.

    `source`, `family`, `version` and `group` are None where nothing says so. Raise ProfileError for what is no address.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.family: int | None = None
        self.version: int | None = None
        self.source: str | None = None
        self.group: str | None = None
        self.held: list[str] = []
        self.excluded: list[str] = []
        self.peers: list[str] = []
        self.lengths: dict[str, int] = {}
        for child in settings.block.children:
            match child.words[0]:
                case "virtual_ipaddress":
                    self.held += self._fitting(child)
                    self._measure(child)
                case "virtual_ipaddress_excluded":
                    self.excluded += [address for address, _ in _entries(child)]
                    self._measure(child)
                case "unicast_peer":
                    self.peers += self._fitting(child)
                case "unicast_src_ip" | "mcast_src_ip" | "mcast_dst_ip" as keyword:
                    address = _plain(value_of(child), child)
                    if not self._fits(address, child):
                        continue
                    if keyword == "mcast_dst_ip":
                        self.group = address
                    else:
                        self.source = address
                case "native_ipv6" if self.family != 4:
                    self.family, self.version = 6, 3
                case "version":
                    self._version(child)

    def _measure(self, group: Block) -> None:
        """Note how long a prefix is written behind each address."""
        said = [(address, child.words[0].partition("/")[2]) for address, child in _entries(group)]
        self.lengths |= {address: int(length) for address, length in said if length.isdecimal()}

    def _version(self, child: Block) -> None:
        number, _ = whole(child, "version", value_of(child))
        if number not in (2, 3) or self.version not in (None, number) or (number == 2 and self.family == 6):
            self._settings.remark(child, f"version {value_of(child)} is ignored: it must be 2 or 3, and fit the rest")
        else:
            self.version = number

    def _fitting(self, group: Block) -> list[str]:
        return [address for address, at in _entries(group) if self._fits(address, at)]

    def _fits(self, address: str, at: Block) -> bool:
        family = 6 if ":" in address else 4
        self.family = self.family or family
        if family != self.family:
            told = f"{address} is not of the instance's family, IPv{self.family}; keepalived ignores it"
            self._settings.remark(at, told)
        return family == self.family


def _entries(group: Block) -> Iterator[tuple[str, Block]]:
    """Yield the address that starts each statement; whatever follows it is an option of it."""
    for child in group.children:
        if child.words[0] != "include":
            yield _plain(child.words[0], child), child


def _plain(said: str, at: Block) -> str:
    """Return an address without its prefix; raise ProfileError where it is none."""
    address, slash, _ = said.partition("/")
    try:
        ipaddress.ip_interface(said) if slash else ipaddress.ip_address(address)
    except ValueError as error:
        raise ProfileError(f"{at.place}: {said} is not an address, and keepalived would skip it; mend it") from error
    return address
