"""What is to be looked at, read from files or from folders."""

from __future__ import annotations

import contextlib
from pathlib import Path

from harness.errors import ProfileError, UsageError
from harness.lint.setup import Conf, Proxy, Setup
from harness.profile import haproxy, keepalived
from harness.profile.facts import Stated, stated
from harness.profile.files import HAPROXY, KEEPALIVED, NGINX, File, lbs_in, of_node, read_text
from harness.profile.folder import Profile, load


def read(paths: list[Path]) -> Setup:
    """Read files, or folders as a profile's; raise UsageError or ProfileError naming file and line."""
    setup = Setup([], [], whole=any(path.is_dir() for path in paths))
    for given in paths:
        if given.is_dir():
            _folder(given, setup)
        elif given.exists():
            _file(given, setup)
        else:
            raise UsageError(f"{given}: no such file or folder")
    if not setup.confs and not setup.proxies:
        raise UsageError(f"{', '.join(map(str, paths))}: no keepalived.conf and no haproxy.cfg there")
    return setup


def _folder(folder: Path, setup: Setup) -> None:
    own = folder / "profile.toml"
    said = stated(own, read_text(own)) if own.exists() else Stated()
    try:
        nodes = lbs_in(folder, said.nodes or {})
    except ProfileError:  # the files of one node
        for path in sorted(p for p in folder.iterdir() if p.suffix in (".conf", ".cfg")):
            _file(path, setup)
        return
    for node in nodes:
        _node(node, of_node(folder, node, nodes), setup)
    with contextlib.suppress(ProfileError):  # each file says enough by itself, though not what they are together
        setup.profile = load(folder)


def of_profile(profile: Profile) -> Setup:
    """Return what a profile's nodes have, under the names that its operator's files have."""
    setup = Setup([], [], whole=True, profile=profile)
    for node, group in profile.files.items():
        _node(node, group, setup)
    return setup


def _node(node: str, group: list[File], setup: Setup) -> None:
    for file in group:
        if file.path == KEEPALIVED:
            setup.confs.append(_conf(file, node, group))
        elif file.path == HAPROXY:
            _proxy(file.source, file.text, setup, node)
        elif file.path != NGINX:
            setup.programs.setdefault(file.path, file)


def _file(file: Path, setup: Setup) -> None:
    text, name = read_text(file), str(file)
    if file.suffix == ".cfg" or (file.suffix != ".conf" and _speaks(text, "frontend", "backend", "listen")):
        _proxy(name, text, setup)
    elif file.suffix == ".conf" or _speaks(text, "vrrp_instance", "vrrp_script"):
        setup.confs.append(_conf(File(KEEPALIVED, text, source=name), file.parent.name or file.stem, []))
    else:
        raise UsageError(f"{file}: neither a keepalived.conf nor a haproxy.cfg by its name or what it holds")


def _conf(file: File, node: str, group: list[File]) -> Conf:
    files, shown = {f.path: f.text for f in group}, {f.path: f.source for f in group}
    root = keepalived.parse(file.text, file.source, node, files or None, path=file.path, shown=shown)
    conf = Conf(node, file.source, {f.source: f.text for f in [file, *group]}, root)
    _ = (conf.instances, conf.scripts)  # what cannot be understood is told now
    return conf


def _proxy(name: str, text: str, setup: Setup, node: str = "") -> None:
    if name not in [proxy.path for proxy in setup.proxies]:
        setup.proxies.append(Proxy(name, text, haproxy.parse(text, name)))
    if node:
        next(proxy for proxy in setup.proxies if proxy.path == name).nodes.append(node)


def _speaks(text: str, *words: str) -> bool:
    return any(line.split()[:1] == [word] for line in text.splitlines() for word in words)
