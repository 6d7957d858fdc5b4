"""What haproxy itself objects to, said before it is asked: H17."""

from __future__ import annotations

from collections.abc import Iterator

from harness.lint.rule import Problem, Severity, rule
from harness.lint.rules.backends import MANUAL
from harness.lint.setup import Setup
from harness.lint.versions import DEBIAN
from harness.lint.versions import told as written
from harness.profile.haproxy.objections import objections


@rule("H17", "what haproxy itself objects to", MANUAL)
def objected(setup: Setup) -> Iterator[Problem]:
    """haproxy 2.6 refuses a file with one unknown word, or one name that leads nowhere, and does not start.

    What it only complains of it takes: the line has no effect, or a timeout is infinite.

    Confirmed: `haproxy -c` of Debian 12 (2.6.12) on each of these; the table of its words comes from asking it word by
    word.

    Remedy: as the line says; `haproxy -c -f FILE` before the next reload.
    """
    version = setup.versions.haproxy
    known = version[:2] == DEBIAN.haproxy[:2]
    doubt = "" if known else f"; whether {written(version)} does is not known"
    for proxy in setup.proxies:
        for one in objections(proxy.sections):
            severity = Severity.ERROR if one.fatal and known else Severity.WARNING
            told = f"haproxy 2.6 refuses it: {one.text}{doubt}" if one.fatal else one.text
            yield Problem(one.where, severity, told)
        for remark in proxy.sections.remarks:
            yield Problem(remark.where, Severity.WARNING, remark.text)
