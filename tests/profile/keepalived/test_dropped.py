"""What keepalived drops, and what makes it end, is known from a file's text, as Debian's keepalived 2.2.7 says it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.lab.machine import Machine
from harness.profile import keepalived
from harness.profile.files import read_text
from harness.profile.keepalived import dropped
from harness.profile.keepalived.keywords import KNOWN
from tests.profile import oracle

CASES = Path(__file__).parents[2] / "cases"
SCRIPT = 'vrrp_script s {\n    script "/bin/true"\n    user root\n}\n'
INSTANCE = (
    "vrrp_instance A {\n    state BACKUP\n    interface eth0\n    virtual_router_id 5\n    priority 100\n"
    "    virtual_ipaddress {\n        10.0.0.1\n    }\n    track_script {\n        s\n    }\n}\n"
)
PLAIN = f"global_defs {{\n    router_id x\n}}\n{SCRIPT}{INSTANCE}"
# (what is changed, into what, the words that are dropped)
DROPPED = [
    ("    state BACKUP\n", "    state BACKUP\n    advert_interval 1\n    nopremt\n", ["advert_interval", "nopremt"]),
    ("router_id x", "garp_master_refresh 60\n    lvs_id x", ["garp_master_refresh", "lvs_id"]),
    ("    user root\n", "    user root\n    raise 2\n    wieght 5\n", ["raise", "wieght"]),
    ("    state BACKUP\n", "    authentication {\n        auth_typ PASS\n    }\n", ["auth_typ"]),
    ("    track_script {\n        s\n", "    track_scripts {\n        s\n", ["track_scripts", "s"]),
    (
        "    virtual_router_id 5\n",
        "    virtual_router_id 5\n    notifies {\n        a\n    }\n    nopreempt\n",
        ["notifies", "a", "nopreempt", "priority", "virtual_ipaddress", "10.0.0.1", "track_script", "s"],
    ),
    ("global_defs {", "globals {\n    a\n}\nglobal_defs {", ["globals", "a"]),
    ("    interface eth0\n", "    interface eth0\n    vrrp_garp_master_refresh 9\n", ["vrrp_garp_master_refresh"]),
]
ENDS = [
    ("    virtual_router_id 5\n", "", "has no virtual_router_id"),
    ("virtual_router_id 5", "virtual_router_id 256", "has no virtual_router_id"),
    ("virtual_router_id 5", "vrid 5", "has no virtual_router_id"),
    ("    interface eth0\n", "", "has no interface"),
    (INSTANCE, INSTANCE + INSTANCE.replace("A {", "B {"), "has A's virtual_router_id 5"),
    ("router_id x", "vrrp_version 3", "has no virtual_ipaddress"),
]
INNOCENT = [
    ("    state BACKUP\n", "    state BACKUP\n    use_vmac\n    smtp_alert\n    notify_master /bin/true\n"),
    ("global_defs {", "virtual_server 10.0.0.1 80 {\n    delay_loop 6\n    lb_algo rr\n}\nglobal_defs {"),
    ("router_id x", "vrrp_skip_check_adv_addr\n    notification_email {\n        a@b.example\n    }"),
    (INSTANCE, INSTANCE + INSTANCE.replace("A {", "B {").replace("_id 5", "_id 6").replace("0.1\n", "0.2\n")),
    (INSTANCE, INSTANCE + INSTANCE.replace("A {", "B {").replace("eth0", "eth4").replace("0.1\n", "0.2\n")),
    ("global_defs {", "static_routes {\n    10.9.0.0/16 dev eth0\n}\nglobal_defs {"),
]
# Whose braces hold no keywords.
_LISTS = """
authentication group interfaces notification_email track_bfd track_file track_interface track_process track_script
unicast_peer virtual_ipaddress virtual_ipaddress_excluded virtual_routes virtual_rules
"""
LISTS = frozenset(_LISTS.split())
CONFS = [one for one in oracle.configurations() if "include" not in oracle.exact(one[1] / "keepalived.conf")]


def changed(before: str, after: str) -> str:
    assert before in PLAIN
    return PLAIN.replace(before, after, 1)


def words(root: keepalived.Block) -> list[str]:
    return [b.words[0] for one in root.dropped for b in (one.statement, *one.lost)]


def without_vip(text: str) -> str:
    return re.sub(r"    virtual_ipaddress \{\n.*\n    \}\n", "", text) if "vrrp_version" in text else text


@pytest.mark.parametrize(("before", "after", "expected"), DROPPED)
def test_unknown_words_are_told(before: str, after: str, expected: list[str]) -> None:
    assert words(keepalived.parse(changed(before, after), "k.conf")) == expected


@pytest.mark.parametrize(("before", "after", "told"), ENDS)
def test_what_makes_it_end_is_told(before: str, after: str, told: str) -> None:
    root = keepalived.parse(without_vip(changed(before, after)), "k.conf")
    (found,) = keepalived.endings(keepalived.instances(root))
    assert told in found.text


@pytest.mark.parametrize(("before", "after"), [("eth0", "eth0"), *INNOCENT])
def test_what_it_takes_earns_nothing(before: str, after: str) -> None:
    root = keepalived.parse(changed(before, after), "k.conf")
    assert (root.dropped, list(keepalived.endings(keepalived.instances(root)))) == ([], [])


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("priority 100", "prioritee 100", "its priority is 100, or 255 with state MASTER; priority"),
        ("priority 100", "vrid 5", "it has no virtual_router_id; virtual_router_id"),
        ("priority 100", "script x", "drops it; it belongs into vrrp_script"),
        ("priority 100", "zzz", "and drops it"),
        ("router_id x", "garp_master_refresh 60", "not announced again later on; vrrp_garp_master_refresh"),
        ("user root", "intervall 9", "interval is 1; interval"),
        (
            "track_script {",
            "track_scripts {",
            "ends the vrrp_instance, and what stands up to line 17 is lost; track_script",
        ),
        ("global_defs {", "globals {", "with all that is in its braces"),
    ],
)
def test_what_then_holds_is_told(before: str, after: str, told: str) -> None:
    (one,) = keepalived.parse(changed(before, after), "k.conf").dropped
    assert told in dropped.told(one)


def test_values_that_keepalived_does_not_take_are_told_once() -> None:
    text = changed("router_id x", "vrrp_garp_interval 0\n    vrrp_garp_master_repeat 1x").replace("100", "300")
    said = [remark.text for remark in dropped.values(keepalived.parse(text + SCRIPT, "k.conf"))]
    assert sorted(one.partition(" is")[0].partition(":")[0] for one in said) == [
        "priority 300",
        "vrrp_garp_interval 0",
        "vrrp_garp_master_repeat 1x",
        "vrrp_script s",
    ]


@pytest.mark.lab
def test_keepalived_says_the_same(bare: Machine) -> None:
    """One container for all: each text is put there, and keepalived asked which words it does not know."""
    texts: dict[str, tuple[str, str | None]]
    texts = {f"{n}": (changed(b, a), None) for n, (b, a) in enumerate([(b, a) for b, a, _ in DROPPED] + INNOCENT)}
    texts |= {f"ends{n}": (without_vip(changed(b, a)), None) for n, (b, a, _) in enumerate(ENDS)}
    texts |= {name.replace("/", "_"): (oracle.exact(folder / "keepalived.conf"), node) for name, folder, node in CONFS}
    for path in CASES.rglob("*.conf"):
        text = read_text(path)
        if "vrrp_instance" in text:
            texts["_".join(path.parts[-3:]).removesuffix(".conf")] = (text, path.parent.name)
    bare.put({f"/tmp/words/{name}.conf": (text, 0o644) for name, (text, _) in texts.items()})
    for name, (text, node) in texts.items():
        ask = f"keepalived --config-test -f /tmp/words/{name}.conf" + (f" -i {node}" if node else "")
        said = bare.ask("sh", "-c", f"{ask} 2>&1; true")
        root = keepalived.parse(text, "k.conf", node)
        known = {w for w in re.findall(r"Unknown keyword '(.*?)'", said) if w != "}"}
        assert known == set(words(root)), (name, said)
        ends = list(keepalived.endings(keepalived.instances(root)))
        assert bool(re.search("must be set|Unknown interface|both use VRID|at least one is required", said)) is bool(
            ends
        )


@pytest.mark.lab
def test_keepalived_knows_every_word_of_the_tables(bare: Machine) -> None:
    asked = {block: known for block, known in KNOWN.items() if block not in ("", "authentication")}
    for block, known in asked.items():
        said = "".join(f"    {word} {{\n    }}\n" if word in LISTS else f"    {word} 1\n" for word in sorted(known))
        bare.put({"/tmp/known.conf": (f"{block} x {{\n{said}}}\n", 0o644)})
        assert "Unknown keyword" not in bare.ask("sh", "-c", "keepalived --config-test -f /tmp/known.conf 2>&1; true")
