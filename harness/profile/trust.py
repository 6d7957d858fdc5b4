"""Certificates that a profile's files name and no lab has: its own stand in their places.

An apiserver of a lab is certified by the lab's authority, which lives as long as the lab. Where a load balancer or a
script is told whom to trust, or what to show, only the lab's own serves there; what the operator has in that place
would be refused, or is not in the folder at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import PurePosixPath

from harness.profile import haproxy
from harness.profile.files import HAPROXY, File
from harness.profile.haproxy import Section

_NAMED = re.compile(r"--(?:cacert|ca-certificate)[ =][\"']?(/[\w./@+-]+)")
# Which knows no cluster's own authority, here or there.
OF_THE_SYSTEM = ("@system-ca", "/etc/ssl/certs/", "/etc/pki/", "/usr/")
_BUNDLE = (".pem", ".crt", ".cert", ".cer", ".chain", ".bundle")


def authorities(group: Sequence[File]) -> list[str]:
    """Return where a node's haproxy, and its curl and wget, are told to look for whom they trust."""
    found = [path for file in group if file.path != HAPROXY for path in _NAMED.findall(file.text)]
    for sections in _proxies(group):
        found += _said(sections, "ca-file", "ca-base")
    return [path for path in dict.fromkeys(found) if not path.startswith(OF_THE_SYSTEM)]


def certificates(group: Sequence[File]) -> list[str]:
    """Return where a node's haproxy finds what it shows, with its key: one in each folder that is named."""
    found = (path for sections in _proxies(group) for path in _said(sections, "crt", "crt-base"))
    return list(dict.fromkeys(path if path.endswith(_BUNDLE) else f"{path}/lab.pem" for path in found))


def stand_ins(group: Sequence[File]) -> dict[str, str]:
    """Return where a node's files name certificates, and what a lab has there."""
    shown = dict.fromkeys(certificates(group), "a certificate of the lab's own authority, with its key")
    return shown | dict.fromkeys(authorities(group), "the lab's own authority")


def _proxies(group: Sequence[File]) -> Iterator[list[Section]]:
    return (haproxy.parse(file.text, file.source) for file in group if file.path == HAPROXY)


def _said(sections: list[Section], word: str, base: str) -> Iterator[str]:
    """Yield what follows a word on lines of servers and binds, with the folder that `global` has for it."""
    under = next((first[0] for s in sections if s.kind == "global" and (first := s.first(base))), "/")
    for section in sections:
        for _, words in section.lines:
            if words[0] not in ("server", "default-server", "server-template", "bind"):
                continue
            for said, path in pairwise(words):
                if said == word and not path.startswith("@"):  # @system-ca
                    yield str(PurePosixPath(under) / path)
