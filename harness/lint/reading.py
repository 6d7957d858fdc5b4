"""What is to be looked at, read from files or from folders."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from harness.errors import ProfileError, UsageError
from harness.lint.setup import Conf, Proxy, Setup
from harness.profile import haproxy, keepalived, nginx
from harness.profile.facts import Stated, chosen
from harness.profile.files import HAPROXY, KEEPALIVED, NGINX, File
from harness.profile.folder import Profile, load, stated
from harness.profile.kind import CONFIGURATIONS, Kind
from harness.profile.layout import instead, lay
from harness.profile.tree import Entry, grown


def read(paths: list[Path], service: str = "") -> Setup:
    """Read files, or folders as a profile's, in any layout; raise UsageError or ProfileError naming file and line.

    `service` is the VIP, the port, or both, that clients ask, where the files leave a choice.
    """
    setup = Setup([], [], whole=any(path.is_dir() for path in paths))
    for given in paths:
        if given.is_dir():
            _folder(given, setup, service)
        elif given.exists():
            _file(given, setup)
        else:
            raise UsageError(f"{given}: no such file or folder")
    if not setup.confs and not setup.proxies:
        found = grown(paths)
        only = ", only an nginx.conf, into which no rule looks" if any(one.kind is Kind.NGINX for one in found) else ""
        told = f"{', '.join(map(str, paths))}: no keepalived.conf and no haproxy.cfg there{only}"
        raise UsageError(instead(found) or told)
    if not setup.whole:
        beside = {file.path: file for file in setup.programs}
        setup.confs = [replace(conf, programs=beside) for conf in setup.confs]
    said = chosen(stated(paths[0]) if paths[0].is_dir() else Stated(), service)
    setup.proxies = [replace(proxy, port=said.port) for proxy in setup.proxies]
    return setup


def _folder(folder: Path, setup: Setup, service: str) -> None:
    said = stated(folder)
    entries = grown([folder])
    if not any(one.kind is Kind.KEEPALIVED for one in entries):  # the proxies' files alone
        for one in (one for one in entries if one.kind in CONFIGURATIONS or "render it first" in one.known.why):
            _entry(one, folder, setup)
        return
    layout = lay([folder], said.nodes)
    nodes = layout.nodes
    setup.lone = nodes.host is not None or nodes.uncounted
    # One host's files are not another's.
    for node in nodes.names[:1] if setup.lone else nodes.names:
        _node(node, layout.files(node), setup, nodes.names)
    if not nodes.host:
        with contextlib.suppress(ProfileError):  # each file says enough by itself, though not what they are together
            setup.profile = load(folder, service)


def of_profile(profile: Profile) -> Setup:
    """Return what a profile's nodes have, under the names that its operator's files have."""
    setup = Setup([], [], whole=True, profile=profile)
    for node, group in profile.files.items():
        _node(node, group, setup, profile.files)
    return setup


def _node(node: str, group: list[File], setup: Setup, nodes: Collection[str]) -> None:
    for file in group:
        if file.path == KEEPALIVED:
            setup.confs.append(_conf(file, node, group, nodes))
        elif file.path == HAPROXY:
            _proxy(file.source, file.text, setup, node)
        elif file.path != NGINX and file not in setup.programs:
            setup.programs.append(file)


def _file(path: Path, setup: Setup) -> None:
    """Read one file as what it holds, or what its ConfigMap does."""
    whole, *held = grown([path])
    for one in held or [whole]:
        _entry(one, path, setup)


def _entry(one: Entry, path: Path, setup: Setup) -> None:
    """Take in a file that was named; raise UsageError where that has nothing to do with a failover."""
    match one.kind:
        case Kind.HAPROXY:
            _proxy(one.source, one.text, setup)
        case Kind.KEEPALIVED:
            around = [File(KEEPALIVED, one.text, one.mode, one.source), *_around(one, path)]
            setup.confs.append(_conf(around[0], path.absolute().parent.name or path.stem, around))
        case Kind.NGINX:
            nginx.parse(one.text, one.source)
        case Kind.PROGRAM:
            file = File(f"/etc/keepalived/{one.at.name}", one.text, one.mode, one.source)
            setup.programs.append(file)
        case Kind.LEFT if one.known.line:
            raise ProfileError(one.told)
        case _:
            why = one.known.why or f"it is a {one.kind.value}"
            raise UsageError(f"{one.source}: neither a keepalived.conf nor a haproxy.cfg by what it holds: {why}")


def _around(one: Entry, path: Path) -> list[File]:
    """Return the files beside a keepalived.conf that it may include, where they are on its node."""
    if "include" not in one.text or one.manifest:
        return []
    beside = [other for other in grown([path.parent]) if other.kind is Kind.KEEPALIVED and other.source != one.source]
    return [File(f"/etc/keepalived/{other.at.as_posix()}", other.text, other.mode, other.source) for other in beside]


def _conf(file: File, node: str, group: list[File], nodes: Collection[str] = ()) -> Conf:
    files, shown = {f.path: f.text for f in group}, {f.path: f.source for f in group}
    whole = len(group) > 1
    within = files if whole else None
    root = keepalived.parse(file.text, file.source, node, within, path=file.path, shown=shown, nodes=nodes)
    programs = {f.path: f for f in group if f.path not in (KEEPALIVED, HAPROXY, NGINX)}
    conf = Conf(node, file.source, {f.source: f.text for f in [file, *group]}, root, programs)
    _ = (conf.instances, conf.scripts)  # what cannot be understood is told now
    return conf


def _proxy(name: str, text: str, setup: Setup, node: str = "") -> None:
    if name not in [proxy.path for proxy in setup.proxies]:
        setup.proxies.append(Proxy(name, text, haproxy.parse(text, name)))
    if node:
        next(proxy for proxy in setup.proxies if proxy.path == name).nodes.append(node)
