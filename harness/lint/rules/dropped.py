"""What keepalived does not take as it is written: K21."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.lint.rule import Problem, Severity, rule
from harness.lint.setup import Conf, Setup
from harness.profile import keepalived
from harness.profile.keepalived import dropped

MANUAL = "https://www.keepalived.org/manpage.html"
# Other rules speak of these, and of what follows from them: K06, K02 and K03, K19.
_ELSEWHERE = ("of auth_pass", "nopreempt does not", "preempt_delay does not", "the weight of")
_K03 = re.compile(r"state (?:master|backup) ", re.IGNORECASE)
_K07 = re.compile(r"track_script (\S+): nothing of that name")


@rule("K21", "what keepalived drops when it starts", MANUAL)
def not_taken(setup: Setup) -> Iterator[Problem]:
    """keepalived logs a word that it does not know, or a value that it cannot use, and starts without it.

    So the file says one thing, and another holds. An unknown block is worse: keepalived overlooks the brace that opens
    it, and takes the one that closes it for the end of the block around it: what follows is lost. Only without a
    virtual_router_id, or an interface, it ends at once, with all instances of the node.

    Confirmed: `keepalived -t` of Debian 12 (2.2.7) names the same lines; in a lab, a misspelt `track_script`: the VIP
    never moved.

    Remedy: the word as keepalived knows it; `keepalived -t -f FILE` before the next reload.
    """
    for conf in setup.confs:
        for one in conf.root.dropped:
            missed = bool(dropped.meant(one)) or bool(one.opens and one.inside)
            severity = Severity.ERROR if missed else Severity.WARNING
            yield Problem(one.statement.place, severity, dropped.told(one))
        instances = [instance for _, instance in conf.instances]
        for remark in keepalived.endings(instances):
            yield Problem(remark.where, Severity.ERROR, f"keepalived ends as soon as it has read this: {remark.text}")
        for remark in dropped.values(conf.root):
            if not _said_elsewhere(conf, remark.text):
                yield Problem(remark.where, Severity.WARNING, remark.text)


def _said_elsewhere(conf: Conf, text: str) -> bool:
    undefined = _K07.match(text)
    if undefined:
        script = conf.scripts.get(undefined[1])
        return script is None or bool(script[1].removed)
    return text.startswith(_ELSEWHERE) or bool(_K03.match(text))
