"""What is watched: an address, and what makes a client of it, from a kubeconfig as operators have it."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from harness.errors import UsageError
from harness.profile.machines import address

SELF = "here"  # the node that these agents' events are of


@dataclass(frozen=True)
class Target:
    """A VIP and its port; without `authority` nobody checks who answers, `token` and `certificate` may be missing.

    `news` is the path of what changes often enough to be followed, "" where there is none.
    """

    host: str
    port: int
    authority: bytes = b""
    token: str = ""
    certificate: bytes = b""
    key: bytes = b""
    news: str = ""

    @property
    def endpoint(self) -> str:
        return f"https://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    def written(self, folder: Path, interface: str) -> Path:
        """Write down what agents are told, for its owner alone to read; return where."""
        facts: dict[str, Any] = {"node": SELF, "endpoint": self.endpoint, "vips": [self.host], "interface": interface}
        for name, data in (("ca", self.authority), ("certificate", self.certificate), ("key", self.key)):
            facts[name] = str(_private(folder / name, data)) if data else None
        facts |= {"token": self.token, "watch": f"{self.news}?watch=true" if self.news else None}
        return _private(folder / "facts.json", json.dumps(facts).encode())


def of(url: str, kubeconfig: Path | None = None) -> Target:
    """Return what a URL names; raise UsageError where that is no address, or the kubeconfig is of no use."""
    parts = urlsplit(url if "//" in url else f"//{url}", "https")
    if parts.scheme != "https" or parts.hostname is None or parts.path not in ("", "/"):
        raise UsageError(f"{url}: say where clients ask, such as https://10.0.0.100:6443")
    if address(parts.hostname) is None:
        raise UsageError(f"{url}: say the VIP's address and not a name, as it is asked for on the wire, too")
    host, port = parts.hostname, parts.port or 6443
    return Target(host, port, **_credentials(kubeconfig)) if kubeconfig else Target(host, port)


def _private(path: Path, data: bytes) -> Path:
    path.touch(mode=0o600)
    path.write_bytes(data)
    return path


def _credentials(path: Path) -> dict[str, Any]:
    try:
        said = yaml.safe_load(path.read_text())
        context = _named(said, "contexts", said["current-context"])["context"]
        cluster = _named(said, "clusters", context["cluster"])["cluster"]
        user = _named(said, "users", context["user"])["user"]
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except (yaml.YAMLError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: no kubeconfig with a current context: {error}") from error
    if "exec" in user or "auth-provider" in user:
        raise UsageError(f"{path}: its user logs in by a program; give one with a token or a certificate")
    token = user.get("token") or _file(path, user.get("tokenFile")).decode().strip()
    return {
        "authority": _data(path, cluster, "certificate-authority"),
        "token": token,
        "certificate": _data(path, user, "client-certificate"),
        "key": _data(path, user, "client-key"),
    }


def _named(said: dict[str, Any], kind: str, name: str) -> dict[str, Any]:
    """Return the entry of a name; raise KeyError where there is none."""
    found: dict[str, dict[str, Any]] = {one["name"]: one for one in said[kind]}
    return found[name]


def _data(path: Path, said: dict[str, Any], word: str) -> bytes:
    try:
        if data := said.get(f"{word}-data"):
            return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UsageError(f"{path}: {word}-data is no base64: {error}") from error
    return _file(path, said.get(word))


def _file(path: Path, name: str | None) -> bytes:
    if not name:
        return b""
    try:
        return (path.parent / name).read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {name}: {error.strerror}") from error
