"""What a file is, by what it holds: a daemon's configuration, a program, a manifest; or why it is none of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePath

from harness.errors import ProfileError
from harness.profile.files import read_text


class Kind(StrEnum):
    """What a file is to a profile; LEFT is what has no part in it."""

    KEEPALIVED = "keepalived.conf"
    HAPROXY = "haproxy.cfg"
    NGINX = "nginx.conf"
    MANIFEST = "manifest"
    CLOUD_CONFIG = "cloud-config"
    SYSCTL = "sysctl settings"
    PROGRAM = "program"
    STATED = "profile.toml"
    LEFT = "left"


@dataclass(frozen=True)
class Known:
    """A file's kind; `why` says of one that is LEFT the reason and the remedy, `line` (from 1, 0 is none) where."""

    kind: Kind
    why: str = ""
    line: int = 0


EMPTY = "it is empty"
HOLDS = "it holds a"
QUOTED = "documentation, in which a configuration is only quoted"
CONFIGURATIONS = (Kind.KEEPALIVED, Kind.HAPROXY, Kind.NGINX)
_NAMED = {one.value: one for one in (*CONFIGURATIONS, Kind.STATED)}
_TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%[-+]?\s*(?:if|for|set|end\w+|el\w+|include|import|macro|raw|block)\b|<%[=-]?\s")
# In these a daemon's own lines are among others.
_OTHERS = (".yml", ".yaml", ".json", ".tf", ".hcl", ".nix", ".pp", ".rb", ".html", ".rst", ".adoc")
_VARIABLE = re.compile(r"\$\{([A-Za-z]\w*)\}")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_SETTING = re.compile(r"-?(?:net|kernel|vm|fs)[./][\w./*-]+\s*=\s*\S")
_KEEPALIVED = re.compile(
    r"(?:global_defs|vrrp_(?:instance|script|sync_group|track_process|track_file)|virtual_server(?:_group)?"
    r"|static_(?:ipaddress|routes|rules)|virtual_(?:ipaddress|routes|rules)(?:_excluded)?|unicast_peer"
    r"|track_(?:script|process|file|interface))\b(?!\s*[=:(])"
)
_HAPROXY = re.compile(
    r"(?:global|defaults|frontend|backend|listen|peers|resolvers|userlist|mailers)(?:\s+[^\s{;=:]\S*|\s*$)"
)
_HAPROXY_SAYS = re.compile(
    r"(?:bind|server|server-template|default-server|mode|timeout|balance|default_backend|use_backend|maxconn|option|log"
    r"|stats|daemon|user|group|chroot|nbproc|nbthread|acl|http-check|tcp-check|nameserver|retries|peer|monitor-uri)\b"
)
_NGINX = re.compile(r"(?:(?:stream|http|events|upstream\s+\S+|server)\s*\{|(?:worker_processes|load_module|pid)\s.*;)")


def of(path: Path) -> Known:
    """Return what a file is; one that cannot be read as text is LEFT with the reason."""
    try:
        return known(path.name, read_text(path))
    except ProfileError as error:
        place, _, told = str(error).removeprefix(str(path)).partition(": ")
        return Known(Kind.LEFT, told, int(place[1:] or 0))


def known(name: str, text: str) -> Known:
    """Return what a file of such a name that holds such a text is; the name counts where the text does not tell."""
    if not text.strip():
        return Known(Kind.LEFT, EMPTY)
    if text.startswith("#!"):
        return Known(Kind.PROGRAM)
    lines = text.splitlines()
    if fence := next((n for n, line in enumerate(lines, 1) if _FENCE.match(line)), 0):
        return Known(Kind.LEFT, QUOTED, fence)
    said = list(_said(lines))
    configures = _configures([line for _, line in said])
    if template := next((n for n, line in said if _TEMPLATE.search(line)), 0):
        if configures or PurePath(name).name.partition(".")[0] in ("keepalived", "haproxy", "nginx"):
            return Known(Kind.LEFT, "a template: render it first", template)
        return Known(Kind.LEFT, "a template", template)
    if configures is Kind.KEEPALIVED and (blank := _unfilled(said)):
        return Known(Kind.LEFT, "a template: render it first", blank)
    if lines[0].rstrip() == "#cloud-config":
        return Known(Kind.CLOUD_CONFIG)
    if {"apiVersion", "kind"} <= {line.partition(":")[0] for line in lines}:
        return Known(Kind.MANIFEST)
    if configures and PurePath(name).suffix in _OTHERS:
        line = next(n for n, line in said if _configures([line]) or configures is Kind.HAPROXY)
        return Known(Kind.LEFT, f"{HOLDS} {configures.value} among other things: put that into a file of its own", line)
    if name in _NAMED:
        return Known(configures if configures and name != Kind.STATED else _NAMED[name])
    if configures:
        return Known(configures)
    if said and all(_SETTING.match(line) for _, line in said):
        return Known(Kind.SYSCTL)
    if PurePath(name).suffix in (".sh", ".bash", ".py", ".pl"):
        return Known(Kind.PROGRAM)
    return Known(Kind.LEFT, "neither a daemon's configuration nor a program, by what it holds")


def _said(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Yield what is no comment, with its number."""
    for number, line in enumerate(lines, 1):
        bare = line.strip()
        if bare and bare[0] not in "#!;":
            yield number, bare


def _unfilled(said: list[tuple[int, str]]) -> int:
    """Return the first line with a variable that nothing here defines; 0 where an included file might.

    keepalived's own begin with an underscore.
    """
    defined = {line[1:].partition("=")[0].strip() for _, line in said if line.startswith("$")}
    if any(line.startswith("include") for _, line in said):
        return 0
    return next((n for n, line in said if set(_VARIABLE.findall(line)) - defined), 0)


def _configures(said: list[str]) -> Kind | None:
    """Return whose configuration the first line is that could be only one daemon's."""
    for at, line in enumerate(said):
        if _NGINX.match(line):
            return Kind.NGINX
        if _KEEPALIVED.match(line):
            return Kind.KEEPALIVED
        if _HAPROXY.match(line) and any(_HAPROXY_SAYS.match(other) for other in said[at + 1 :]):
            return Kind.HAPROXY
    return None
