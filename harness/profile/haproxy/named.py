"""What names in a haproxy.cfg come to, and what its sections lack: haproxy 2.6 looks once it has read all of them."""

from __future__ import annotations

from collections.abc import Iterator

from harness.profile.haproxy.backend import backend
from harness.profile.haproxy.check import checks
from harness.profile.haproxy.frontend import frontends
from harness.profile.haproxy.section import PROXIES, Section, Sections, effective
from harness.profile.haproxy.server import servers, tracked
from harness.profile.where import Remark, Where

Named = Iterator[tuple[Remark, bool]]  # and whether haproxy refuses the file for it


def named(sections: Sections) -> Named:
    """Yield what is wrong with names and with whole sections; raise ProfileError where a value makes no sense."""
    yield from _proxies(sections)
    yield from _led_to(sections)
    yield from _servers(sections)
    yield from _tracking(sections)
    yield from _programs(sections)
    yield from _lacking(sections)


def _proxies(sections: Sections) -> Named:
    """Yield proxies of one name; a frontend and a backend may share theirs."""
    seen: dict[tuple[str, str], Section] = {}
    for section in (s for s in sections if s.kind in PROXIES):
        sides = ("frontend", "backend") if section.kind == "listen" else (section.kind,)
        before = next((seen[side, section.name] for side in sides if (side, section.name) in seen), None)
        if before is not None:
            told = f"{section.kind} {section.name} has the name of the {before.kind} in line {before.line}; rename it"
            yield Remark(section.place(section.line), told), True
        seen |= {(side, section.name): section for side in sides}


def _led_to(sections: Sections) -> Named:
    """Yield the names of backends that there are not, and those that cannot take what a frontend in mode http has."""
    there = {section.name: section for section in sections if section.kind in ("backend", "listen")}
    leading = [s for s in sections if s.kind in ("frontend", "listen")]
    wanted = [
        (found.where, found.words[0], _mode(s))
        for s in leading
        if (found := effective(s, "default_backend")) and found.words
    ]
    wanted += [
        (s.place(n), w[1], _mode(s))
        for s in leading
        for n, w in s.lines
        if w[0] == "use_backend" and "%[" not in "".join(w[1:2]) and w[1:]
    ]
    for where, name, mode in dict.fromkeys(wanted):
        if name not in there:
            yield Remark(where, f"there is no backend {name}"), True
        elif (mode, _mode(there[name])) == ("http", "tcp"):
            told = f"backend {name} is in mode tcp, and what leads to it in mode http; mode tcp in both"
            yield Remark(where, told), True


def _mode(section: Section) -> str:
    found = effective(section, "mode")
    return found.words[0] if found and found.words else "tcp"


def _servers(sections: Sections) -> Named:
    """Yield servers of one name in one backend, and those that are to be believed without a word of whom."""
    settled = any(words[:2] == ["ssl-server-verify", "none"] for s in sections for _, words in s.lines)
    seen: dict[tuple[str, str], Where] = {}
    for server in servers(sections, sections.path):
        key = (server.backend, server.name)
        if key in seen:
            told = f"another server of backend {server.backend} is named {server.name}, in line {seen[key].line}"
            yield Remark(server.at(""), f"{told}; rename it"), True
        seen[key] = server.at("")
        speaks = server.tls or (server.check_tls and not server.track)
        if speaks and not settled and server.verify != "none" and not server.ca_file:
            told = f"{server.name} speaks TLS without a word of whom to trust; verify none, or ca-file"
            yield Remark(server.at(""), told), True


def _tracking(sections: Sections) -> Named:
    """Yield servers that track one that there is not, or that nothing checks."""
    known = {f"{one.backend}/{one.name}": one for one in servers(sections, sections.path)}
    for server in known.values():
        if not server.track:
            continue
        other = tracked(server, known)
        if other is None:
            yield Remark(server.at("track"), f"{server.name} tracks {server.track}, which there is not"), True
        elif not other.checked and not other.agent:
            yield Remark(server.at("track"), f"{server.name} tracks {server.track}, which is not checked; check"), True


def _programs(sections: Sections) -> Named:
    """Yield backends whose check is a program that haproxy is not allowed to run, or that nothing names."""
    allowed = {words[0] for s in sections if s.kind == "global" for _, words in s.lines}
    for section in (s for s in sections if s.kind in ("backend", "listen")):
        own = checks(section)
        if own.kind != "external-check":
            continue
        where = own.where.get("option external-check", section.place(section.line))
        if "external-check" not in allowed:
            yield Remark(where, "option external-check needs external-check in the global section"), True
        if not any(words[:2] == ["external-check", "command"] for one in section.lineage for _, words in one.lines):
            yield Remark(where, "option external-check has no external-check command to run"), True
        if "insecure-fork-wanted" not in allowed:
            told = "without insecure-fork-wanted in the global section the check's program will likely not be run"
            yield Remark(where, told), False


def _lacking(sections: Sections) -> Named:
    """Yield proxies without a bind, and those whose timeouts are missing, which is to say infinite."""
    clients = {one.name: one for one in frontends(sections, sections.path)}
    serving = {server.backend for server in servers(sections, sections.path)}
    for section in (s for s in sections if s.kind in PROXIES):
        missing = []
        where = section.place(section.line)
        if section.kind != "backend":
            if not clients[section.name].binds and not section.beyond:
                yield Remark(where, f"{section.kind} {section.name} has no bind: nobody reaches it"), False
            missing += ["client"] if clients[section.name].timeout_client_s == float("inf") else []
        if section.kind != "frontend" and section.name in serving:
            own = backend(section)
            missing += [] if own.timeouts_s.get("connect") else ["connect"]
            idle = own.timeouts_s.get("server") or (own.mode == "tcp" and own.timeouts_s.get("tunnel"))
            missing += [] if idle else ["server"]
        if missing:
            told = f"{section.kind} {section.name} has no timeout {' and no timeout '.join(missing)}"
            yield Remark(where, f"{told}: it waits for ever, and haproxy complains"), False
