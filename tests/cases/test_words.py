"""Words that a daemon does not know or cannot use: what it says itself is what is said beforehand (cases/README.md)."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import pytest

from harness import catalogue
from harness.errors import ProfileError
from harness.lint.examine import Objection, examine
from harness.lint.listing import of
from harness.lint.reading import read
from harness.lint.rule import Severity
from harness.predict import predictions
from harness.predict.migration import Migration, Stays
from harness.predict.prediction import Prediction
from harness.profile import haproxy, keepalived
from harness.profile.files import read_text
from harness.profile.folder import Profile, load
from harness.profile.haproxy.objections import objections
from harness.simulate.simulate import played

CASES = Path(__file__).parent
KILL_HAPROXY = catalogue.chosen(["kill-haproxy"])
SECURED = ["f10-script-security-without-user", "r03-keepalived-2184-script-security"]


def found(case: str, *codes: str) -> list[Objection]:
    return [finding for finding in examine(read([CASES / case])) if finding.code in codes]


def test_f08_an_interval_of_0_is_a_warning_and_the_rest_holds() -> None:
    said = found("f08-stock-global-defs", "K21", "K22", "H17")
    assert {(f.line, f.severity) for f in said} == {(5, Severity.WARNING), (6, Severity.WARNING)}
    assert all("keepalived complains, as it wants a time above 0, and makes no pause" in f.message for f in said)
    assert [s.name for s in load(CASES / "f08-stock-global-defs").scripts["m1"].values() if s.complete] == ["chk"]


@pytest.mark.parametrize("case", SECURED)
def test_f10_r03_the_script_is_removed_and_nothing_is_tracked(case: str) -> None:
    profile = load(CASES / case)
    assert not any(instance.tracked.scripts for group in profile.instances.values() for instance in group)
    errors = {(f.code, f.message) for f in examine(read([CASES / case])) if f.severity is Severity.ERROR}
    assert errors == {
        (
            "K22",
            "keepalived removes chk: enable_script_security without a script_user needs the user keepalived_script, "
            "whom Debian does not have; script_user root",
        )
    }


@pytest.mark.parametrize("case", SECURED)
def test_f10_r03_the_vip_never_moves_for_it(case: str) -> None:
    profile = load(CASES / case)
    assert isinstance(moves(profile).move, Stays)
    assert not moves(profile).depends
    samples = played(KILL_HAPROXY["kill-haproxy"], profile, 50, 1, 1.0, lambda done: None)
    assert [set(v) for key, v in samples.values.items() if "vip_migration_s" in key] == [{math.inf}]


def test_f10_as_the_readers_remedy_has_it_the_vip_moves(tmp_path: Path) -> None:
    shutil.copytree(CASES / SECURED[0], tmp_path / "mended")
    for conf in (tmp_path / "mended").glob("*/keepalived.conf"):
        conf.write_text(conf.read_text().replace("enable_script", "script_user root\n    enable_script"))
    assert isinstance(moves(load(tmp_path / "mended")).move, Migration)
    assert not [f for f in examine(read([tmp_path / "mended"])) if f.code == "K22"]


def test_a_user_whom_no_file_tells_of_leaves_it_unknown(tmp_path: Path) -> None:
    shutil.copytree(CASES / SECURED[0], tmp_path / "strange")
    for conf in (tmp_path / "strange").glob("*/keepalived.conf"):
        conf.write_text(conf.read_text().replace("enable_script", "script_user checker\n    enable_script"))
    assert "checker" in moves(load(tmp_path / "strange")).depends


def moves(profile: Profile) -> Prediction:
    """Return what is predicted where the owner's haproxy dies."""
    first = predictions.of(profile, KILL_HAPROXY).scenarios["kill-haproxy"][0].prediction
    assert first is not None
    return first


def test_f11_no_timeouts_are_infinite_and_said() -> None:
    assert [(f.line, f.severity, f.message.partition(":")[0]) for f in found("f11-no-timeouts", "H17")] == [
        (9, Severity.WARNING, "frontend k8s has no timeout client"),
        (13, Severity.WARNING, "backend k8s has no timeout connect and no timeout server"),
    ]


@pytest.mark.parametrize(
    ("file", "line", "said"),
    [
        ("missing-lf.cfg", 23, "the last line has no newline at its end"),
        ("nbproc.cfg", 2, "`nbproc` is no more"),
        ("frontend-address.cfg", 14, "no address stands behind a frontend's name; bind *:8443"),
    ],
)
def test_f14_haproxy_refuses_each(file: str, line: int, said: str) -> None:
    (one,) = [f for f in found(f"f14-haproxy-will-not-start/{file}", "H17") if f.severity is Severity.ERROR]
    assert (one.line, one.severity) == (line, Severity.ERROR)
    assert one.message.startswith(f"haproxy 2.6 refuses it: {said}")


def test_f14_nothing_is_predicted_of_a_haproxy_that_does_not_start(tmp_path: Path) -> None:
    shutil.copytree(CASES / "f08-stock-global-defs", tmp_path / "mine")
    shutil.copy(CASES / "f14-haproxy-will-not-start/nbproc.cfg", tmp_path / "mine/haproxy.cfg")
    with pytest.raises(ProfileError, match="haproxy.cfg:2: haproxy 2.6 refuses it: `nbproc`"):
        load(tmp_path / "mine")


def test_f15_each_word_is_named_with_what_then_holds() -> None:
    said = {f.line: f.message for f in found("f15-keepalived-drops-it/keepalived.conf", "K21")}
    assert said[3].endswith("the VIP is not announced again later on; vrrp_garp_master_refresh")
    assert said[15].endswith("keepalived takes BACKUP")
    assert said[17].startswith("keepalived does not know `vrid` in vrrp_instance, and drops it")
    assert said[17].endswith("virtual_router_id")
    assert said[19].endswith("advert_int is 1; advert_int")
    assert said[20].endswith("it preempts; nopreempt")
    assert said[22] == "auth_type PASSWORD is not known: keepalived ignores it"
    assert said[14].startswith(
        "keepalived ends as soon as it has read this: vrrp_instance VI_1 has no virtual_router_id"
    )
    assert found("f15-keepalived-drops-it/keepalived.conf", "K06") == []


def test_f15_what_holds_is_what_the_chain_has() -> None:
    path = CASES / "f15-keepalived-drops-it/keepalived.conf"
    (one,) = keepalived.instances(keepalived.parse(read_text(path), "k.conf"))
    assert (one.state, one.vrid, one.advert_int_s, one.preempts, one.auth_type) == ("BACKUP", 0, 1.0, True, "")
    assert one.garp.refresh_s == 0


def test_f15_its_words_are_counted() -> None:
    paths = [CASES / "f15-keepalived-drops-it"]
    assert of(paths, read(paths)).words == 4


@pytest.mark.parametrize("file", ["feature.cfg", "latin1.conf"])
def test_f21_what_both_daemons_take_earns_nothing(file: str) -> None:
    assert found(f"f21-accepted-by-the-daemons/{file}", "K21", "K22", "H17") == []


def test_f21_latin_1_comes_back_byte_for_byte() -> None:
    path = CASES / "f21-accepted-by-the-daemons/latin1.conf"
    root = keepalived.parse(read_text(path), "k.conf")
    assert keepalived.render(root).encode("utf-8", "surrogateescape") == path.read_bytes()


def test_no_file_of_ours_has_a_word_that_its_daemon_does_not_know() -> None:
    """Those that are there for it apart; which the daemons take is asked of them beside the tables."""
    meant = {"f14-haproxy-will-not-start", "f15-keepalived-drops-it"}
    for path in sorted(p for p in CASES.rglob("*.c*f*") if not meant & set(p.parts)):
        text = read_text(path)
        if "vrrp_instance" in text:
            assert keepalived.parse(text, path.name).dropped == [], path
        elif "frontend " in text:
            assert not [one for one in objections(haproxy.parse(text, path.name)) if one.fatal], path
