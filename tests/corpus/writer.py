"""The corpus: public set-ups, kept as their settings, and written out as files in a layout and words of our own."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

DATA = Path(__file__).parent
NET, VIP = "192.0.2", "192.0.2.100"
FIRST = {"stacked": 11, "lbs": 21}  # the last number of the first machine with keepalived


class Proxy(msgspec.Struct, forbid_unknown_fields=True):
    """A haproxy.cfg: lines are parted by `;`, `defaults` and what stands beside the API are named in blocks.toml."""

    bind: str
    server: str
    frontend: str = "mode tcp; option tcplog"
    backend: str = "mode tcp; balance roundrobin"
    defaults: str = ""
    beside: tuple[str, ...] = ()
    masters: int = 3
    port: int = 6443
    after_first: str = ""  # what every server has but the first


class Setup(msgspec.Struct, forbid_unknown_fields=True):
    """A set-up: `nodes` are state and priority of each node whose file is known.

    `partial` says what of it was not to be had, `assumed` what a template or a text leaves to who uses it.
    """

    name: str
    origin: str
    nodes: tuple[str, ...]
    machines: str = "stacked"
    about: str = ""
    partial: str = ""
    assumed: str = ""
    globals: str = ""
    checks: tuple[str, ...] = ()
    tracks: str | None = None
    instance: str = ""
    vip: str = ""
    auth: str = ""
    unicast: str = ""
    beside: str = ""
    closed: bool = True
    scripts: dict[str, str] = {}
    others: dict[str, str] = {}
    proxy: Proxy | None = None


def setups() -> list[Setup]:
    """Return every set-up there is, by its name."""
    found = [
        msgspec.convert(one, Setup)
        for file in sorted((DATA / "setups").glob("*.toml"))
        for one in tomllib.loads(file.read_text())["setup"]
    ]
    return sorted(found, key=lambda one: one.name)


def blocks() -> dict[str, str]:
    """Return the parts of files that many have in common, by their names."""
    return tomllib.loads((DATA / "blocks.toml").read_text())


def write(one: Setup, folder: Path) -> Path:
    """Write a set-up's files into a folder of its name, and return that."""
    home, known = folder / one.name, blocks()
    names = {number: f"{'m' if one.machines == 'stacked' else 'lb'}{number + 1}" for number in range(len(one.nodes))}
    texts = {f"{name}/keepalived.conf": _keepalived(one, number) for number, name in names.items()}
    if one.proxy:
        texts["haproxy.cfg"] = _haproxy(one.proxy, known)
    texts |= {path: _filled(text) for path, text in one.others.items()}
    for path, kind in one.scripts.items():
        word, *rest = kind.split()
        texts[path.lstrip("/")] = _filled(known[word], *rest)
    for path, text in texts.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(text)
        (home / path).chmod(0o755 if f"/{path}" in one.scripts else 0o644)
    return home


def _filled(text: str, *words: str) -> str:
    for number, word in enumerate(words, 1):
        text = text.replace(f"@{number}", word)
    return text.replace("@VIP", VIP)


def _lines(told: str, depth: int = 1) -> str:
    return "".join(f"{'    ' * depth}{line.strip()}\n" for line in told.split(";") if line.strip())


def _block(head: str, body: str, depth: int = 0) -> str:
    return f"{'    ' * depth}{head} {{\n{body}{'    ' * depth}}}\n"


def _keepalived(one: Setup, number: int) -> str:
    state, priority = one.nodes[number].split()
    own = f"{NET}.{FIRST[one.machines] + number}"
    peers = [f"{NET}.{FIRST[one.machines] + n}" for n in range(max(len(one.nodes), 2)) if n != number]
    text = _block("global_defs", _lines(one.globals)) if one.globals else ""
    names = []
    for check in one.checks:
        name, rest = check.split(":", 1)
        script, _, lines = rest.strip().rpartition(" | ")
        text += _block(f"vrrp_script {name}", f"    script {script.replace('@SEMI', ';')}\n" + _lines(lines))
        names.append(name)
    body = _lines(f"state {state}" if state != "-" else "") + "    interface eth0\n"
    body += _lines(f"priority {priority}" if priority != "-" else "") + _lines(one.instance.replace("@SELF", own))
    if one.unicast:
        mask = one.unicast.removeprefix("plain")
        body += f"    unicast_src_ip {own}{mask}\n"
        body += _block("unicast_peer", _lines("; ".join(f"{peer}{mask}" for peer in peers), 2), 1)
    if one.auth:
        body += _block("authentication", _lines(one.auth, 2), 1)
    body += _block("virtual_ipaddress", f"        {VIP}{one.vip}\n", 1)
    tracked = "; ".join(names) if one.tracks is None else one.tracks
    body += _block("track_script", _lines(tracked, 2), 1) if tracked else ""
    text += _block("vrrp_instance VI_1", body) + _filled(one.beside)
    return text if one.closed else text.rstrip().removesuffix("}")


def _haproxy(proxy: Proxy, known: dict[str, str]) -> str:
    servers = "".join(
        f"    server m{number} {NET}.{10 + number}:{proxy.port} {proxy.server} "
        f"{proxy.after_first if number > 1 else ''}".rstrip()
        + "\n"
        for number in range(1, proxy.masters + 1)
    )
    text = _filled(known[proxy.defaults]) if proxy.defaults else ""
    text += "".join(_filled(known[name]) for name in proxy.beside)
    if not proxy.frontend:
        return text + f"listen apiserver\n{_lines(_filled(proxy.bind))}{_lines(proxy.backend)}{servers}"
    text += f"frontend apiserver\n{_lines(_filled(proxy.bind))}{_lines(proxy.frontend)}    default_backend masters\n"
    return text + f"backend masters\n{_lines(proxy.backend)}{servers}"
