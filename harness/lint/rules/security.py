"""Who runs the check scripts, and whether keepalived lets them run at all: K22."""

from __future__ import annotations

from collections.abc import Iterator

from harness.lint.rule import Account, Problem, Severity, rule
from harness.lint.setup import Setup, place_of
from harness.profile import keepalived
from harness.verdict import Symptom

MANUAL = "https://www.keepalived.org/manpage.html"


@rule("K22", "a check that keepalived removes", MANUAL)
def removed(setup: Setup) -> Iterator[Problem]:
    """keepalived starts without a script whose user it cannot find, and nothing tracks it: the VIP never moves for it.

    With `enable_script_security` and no `script_user` it looks for the user keepalived_script, whom no package of
    Debian makes; without script security it then runs the script as root. It also refuses what root is to run from a
    folder that somebody else may write to.

    Confirmed: `keepalived -t` (2.2.7) says that it is "removing" the script; in a lab, haproxy died and the VIP stayed.

    Remedy: `script_user root`, or a user that the node has.
    """
    for conf in setup.confs:
        secured = keepalived.security(conf.root)
        for block, script in conf.scripts.values():
            where = place_of(block, "script")
            if script.removed:
                told = f"keepalived removes {script.name}: {script.removed}; script_user root"
                account = Account(Symptom.VIP_UNNOTICED, [conf.node], setup.notices(conf, script))
                yield Problem(secured.at("enable_script_security"), Severity.ERROR, told, None, account)
            elif script.doubt:
                at = script.at("user") if script.user else secured.at("script_user")
                yield Problem(at, Severity.WARNING, f"{script.name}: {script.doubt}; else it removes it")
            elif secured.enforced and script.command.startswith("/home/") and secured.runs(script.user) == "root":
                owner = script.command.split("/")[2]
                told = f"root is to run {script.name} from a folder of {owner}'s, which enable_script_security forbids"
                yield Problem(where, Severity.WARNING, f"{told}; move it to /etc/keepalived")
