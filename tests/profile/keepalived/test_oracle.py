"""What the parser believes of every keepalived.conf that the project has, held against keepalived itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.lab.machine import Machine
from harness.profile import keepalived
from harness.profile.keepalived.tracked import Tracked
from harness.profile.keepalived.words import split_escaped
from tests.profile import oracle
from tests.profile.oracle import Item

pytestmark = pytest.mark.lab


ALL = oracle.configurations()


@pytest.fixture(params=ALL, ids=[name for name, _, _ in ALL], scope="module")
def both(request: pytest.FixtureRequest, bare: Machine) -> tuple[keepalived.Block, list[Item]]:
    """Return what the parser and what keepalived makes of one configuration."""
    _, folder, node = request.param
    files = oracle.on_node(folder)
    root = keepalived.parse(files[keepalived.PATH], f"{folder}/keepalived.conf", node, files)
    programs = {words[0] for s in keepalived.scripts(root).values() if (words := split_escaped(s.command))}
    return root, oracle.keepalived(bare, files, programs, node)


def of_kind(items: list[Item], kind: str) -> dict[str, Item]:
    return {item.name: item for item in items if item.kind == kind}


def believed(i: keepalived.Instance) -> dict[str, str | None]:
    """Return an instance's fields as the dump writes them; None for those that it leaves out."""
    adverts = f"{i.advert_int_s:.0f} sec" if i.version == 2 else f"{i.advert_int_s * 1000:.0f} milli-sec"
    kinds = {"": "none", "PASS": "SIMPLE_PASSWORD", "AH": "IPSEC_AH"}
    return {
        "VRRP Version": str(i.version),
        "Wantstate": i.state,
        "Interface": i.interface,
        "Virtual Router ID": str(i.vrid),
        "Priority": str(i.priority),
        "Advert interval": adverts,
        "Down timer adverts": str(i.down_timer_adverts),
        "Preempt": "enabled" if i.preempts else "disabled",
        "Preempt delay": f"{i.preempt_delay_s:g} secs" if i.preempt_delay_s else None,
        "Enforcing strict VRRP compliance": "" if i.strict else None,
        "Accept": "enabled" if i.accepts else "disabled",
        "VRRP interface tracking disabled": None if i.tracks_interface else "",
        "Authentication type": kinds[i.auth_type] if i.version == 2 else None,
        "Password": i.auth_pass if i.auth_type == "PASS" else None,
        "Sync group": i.sync_group or None,
        "Gratuitous ARP delay": str(i.garp.delay_s),
        "Gratuitous ARP repeat": str(i.garp.repeat),
        "Gratuitous ARP refresh": str(i.garp.refresh_s),
        "Gratuitous ARP refresh repeat": str(i.garp.refresh_repeat),
        "Gratuitous ARP lower priority delay": str(i.garp.lower_delay_s),
        "Gratuitous ARP lower priority repeat": str(i.garp.lower_repeat),
    }


def test_instances(both):
    root, items = both
    said = of_kind(items, "VRRP Instance")
    instances = keepalived.instances(root)
    assert [i.name for i in instances] == list(said)
    for instance in instances:
        fields, expected = said[instance.name].fields, believed(instance)
        assert expected == {key: fields.get(key) for key in expected}
        source = fields["Using src_ip"].removesuffix(" (from configuration)")
        assert (instance.unicast_src_ip or source) == source


def test_addresses(both):
    root, items = both
    said = of_kind(items, "VRRP Instance")
    for instance in keepalived.instances(root):
        lists = said[instance.name].lists
        held = next((entries for title, entries in lists.items() if title.startswith("Virtual IP (")), [])
        for ours, theirs in (
            (instance.addresses, held),
            (instance.excluded, lists.get("Virtual IP Excluded", [])),
            (instance.unicast_peers, lists.get("Unicast Peer", [])),
        ):
            assert list(ours) == [re.split("[ /]", entry)[0] for entry in theirs]


def test_scripts(both):
    """Those that nothing tracks keepalived forgets; those that are not, it dumps with the program's full path."""
    root, items = both
    scripts = keepalived.scripts(root)
    said = of_kind(items, "VRRP Script")
    used = {name for instance in keepalived.instances(root) for name in instance.scripts}
    assert used == set(said)
    for name in used:
        ours, fields = scripts[name], said[name].fields
        expected = {
            "Interval": f"{ours.interval_s:g} sec",
            "Weight": f"{ours.weight}{' reverse' if ours.reverse else ''}",
            "Rise": str(ours.rise),
            "Fall": str(ours.fall),
            "Init state": "INIT",  # whatever init_fail says
        }
        assert expected == {key: fields[key] for key in expected}
        limits = [fields[key] for key in ("Timeout", "Interval") if fields[key] != "0 sec"]
        assert f"{ours.timeout_s:g} sec" == limits[0], "without a limit it is the interval"
        words = split_escaped(ours.command)
        assert words
        assert [f"'{word}'" for word in words[1:]] == re.findall(r"'[^']*'", fields["Command"])[1:]
        assert Path(words[0]).name == Path(fields["Command"].split("'")[1]).name


def test_what_is_tracked(both):
    """By the list that each tracked thing has of those that track it, which is what changes priorities."""
    root, items = both
    ours: dict[str, dict[tuple[str, str], str]]
    ours = {"VRRP Script": {}, "VRRP Track process": {}, "Track file": {}, "Name": {}}
    for instance in keepalived.instances(root):
        kinds = zip(ours, instance.tracked.kinds, strict=True)
        for kind, tracked in kinds:
            ours[kind] |= {(one.name, instance.name): written(one) for one in tracked}
    for kind, expected in ours.items():
        said = {}
        for name, item in of_kind(items, kind).items():
            for entry in item.lists.get("Tracking instances", item.lists.get("Tracking VRRP instances", [])):
                by, weight = entry.rsplit(", weight ", 1)
                said[name, by] = weight
        if kind == "Name":  # an interface is tracked for its addresses too
            said = {key: said[key] for key in said if key in expected}
        assert said == expected


def written(tracked: Tracked) -> str:
    return f"{tracked.weight}{' reverse' if tracked.reverse else ''}"


def test_processes_and_files(both):
    root, items = both
    said = of_kind(items, "VRRP Track process")
    for name, ours in keepalived.processes(root).items():
        fields = said[name].fields
        command = " ".join(filter(None, [fields["Process"], fields.get("Parameters")]))
        assert (ours.command, f"{ours.weight}{' reverse' if ours.reverse else ''}") == (command, fields["Weight"])
        assert (str(ours.least), ours.most and str(ours.most)) == (
            fields["Min processes"],
            fields.get("Max processes") if ours.most else ours.most,
        )
        assert str(ours.whole_command).lower() == fields["Full command"]
        assert f"{ours.fork_delay_s:f}s" == fields["Fork delay"]
        assert f"{ours.terminate_delay_s:f}s" == fields["Terminate delay"]
    said = of_kind(items, "Track file")
    for name, file in keepalived.track_files(root).items():
        fields = said[name].fields
        assert (file.file, f"{file.weight}{' reverse' if file.reverse else ''}") == (fields["File"], fields["Weight"])


def test_sync_groups(both):
    root, items = both
    said = {name.split(",")[0]: item for name, item in of_kind(items, "VRRP Sync Group").items()}
    groups = keepalived.sync_groups(root)
    assert [group.name for group in groups] == list(said)
    for group in groups:
        lists = said[group.name].lists
        assert list(group.members) == lists["VRRP member instances"]
        for title, tracked in (
            ("Tracked scripts", group.tracked.scripts),
            ("Tracked process", group.tracked.processes),
        ):
            assert [f"{one.name} weight {written(one)}" for one in tracked] == [
                entry.replace(",", "") for entry in lists.get(title, [])
            ]
