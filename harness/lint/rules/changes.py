"""What depends on the daemons' versions: K31, H22."""

from __future__ import annotations

from collections.abc import Iterator

from harness.lint.rule import Problem, Severity, rule
from harness.lint.rules.backends import MANUAL
from harness.lint.setup import Setup, place_of
from harness.lint.versions import DEBIAN, Version, told
from harness.profile.where import Where

# The runs of a script overlap from the first of these on, and no longer from the second on.
OVERLAPPED: tuple[Version, Version] = ((2, 1, 3), (2, 3, 3))
# haproxy's words: what they stand before or in, since when it knows them (0: ever since), from when on no more.
WORDS: dict[str, tuple[Version, Version | None, str]] = {
    "nbproc": ((0,), (2, 5), "nbthread"),
    "init-state": ((3, 1), None, "a slower rise, or nothing: a server starts as UP, and is out with its first check"),
}


@rule("K31", "a check that outlasts its interval", "https://github.com/acassen/keepalived/releases/tag/v2.3.3")
def overlapping(setup: Setup) -> Iterator[Problem]:
    """A check that is still running when the next one is due runs twice at a time, or the next one is left out.

    From 2.1.3 to 2.3.2 keepalived says "expect idle - skipping run", and runs it all the same: on a machine that is
    slow already they pile up. Since 2.3.3 it is left out, as it was before 2.1.3, so that `fall` failures of a check
    that hangs take `fall` times its limit, rounded up to intervals.

    Confirmed: by keepalived's source: vrrp_script_thread in vrrp_scheduler.c lost its `return` in 2.1.3, and has it
    again in 2.3.3.

    Remedy: a limit below the interval, in the check or by `timeout`.
    """
    version = setup.versions.keepalived
    for conf in setup.confs:
        for block, script in conf.tracked:
            lasts_s = conf.lasts_s(script)
            if lasts_s > script.interval_s:
                runs = OVERLAPPED[0] <= version < OVERLAPPED[1]
                outcome = "starts the next one beside it" if runs else "leaves out the next one"
                message = (
                    f"{script.name} may take {lasts_s:g} s, longer than its interval, {script.interval_s:g} s: "
                    f"keepalived {told(version)} {outcome}; a limit below the interval"
                )
                yield Problem(place_of(block, "timeout"), Severity.WARNING if runs else Severity.INFO, message)


@rule("H22", "a word of another haproxy", MANUAL)
def unknown_word(setup: Setup) -> Iterator[Problem]:
    """haproxy does not start with a word that its version does not know, be it not yet or no more.

    Asked with `--haproxy-version`; what the version of Debian 12 refuses is said without it.

    Confirmed: by haproxy's source: `nbproc` went with 2.5, `init-state` came with 3.1.

    Remedy: as the message says.
    """
    version = setup.versions.haproxy
    if version[:2] == DEBIAN.haproxy[:2]:
        return
    for proxy in setup.proxies:
        for line, words in ((line, words) for section in proxy.sections for line, words in section.lines):
            heads = words if words[0] in ("server", "default-server", "server-template") else words[:1]
            for word in WORDS.keys() & set(heads):
                since, until, remedy = WORDS[word]
                if version < since or (until and version >= until):
                    known = f"since {told(since)}" if version < since else f"until {told(until or ())} came"
                    message = f"haproxy {told(version)} does not know {word}, and refuses the file: {known}; {remedy}"
                    yield Problem(Where(proxy.path, line), Severity.ERROR, message)
