"""Words and users that a daemon does not know: what earns K21, K22 and H17, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.lint.examine import examine
from harness.lint.reading import read
from harness.lint.rule import Severity
from tests.lint.files import Change, codes, made
from tests.lint.test_rules import ALL, M1, PROXY

USER = "    script_user root\n"
REMOVED: list[list[Change]] = [
    [(ALL, USER, "")],
    [(M1, USER, "    script_usr root\n")],
    [(ALL, USER, "    vrrp_version 2\n")],
]
TAKEN: list[list[Change]] = [
    [(ALL, USER, ""), (ALL, "    fall 2\n", "    fall 2\n    user root\n")],
    [(ALL, USER, "    script_user nobody nogroup\n")],
    [(ALL, USER, ""), (ALL, "vrrp_script", "global_defs {\n    script_user root\n}\nvrrp_script")],
    [(ALL, USER, ""), (ALL, "    enable_script_security\n", "")],
]
MISSPELT: list[list[Change]] = [
    [(ALL, "advert_int 1", "advert_interval 1")],
    [(M1, "track_script {", "track_scripts {")],
    [(ALL, USER, f"{USER}    garp_master_refresh 60\n")],
    [(M1, "auth_type PASS", "auth_typ PASS")],
]
KNOWN: list[list[Change]] = [
    [(ALL, USER, f"{USER}    vrrp_garp_master_refresh 60\n    vrrp_skip_check_adv_addr\n")],
    [(ALL, "advert_int 1", "advert_int 1\n    notify_master /bin/true\n    smtp_alert")],
    [(M1, "vrrp_script", "virtual_server 10.0.0.100 80 {\n    delay_loop 6\n}\nvrrp_script")],
]


@pytest.mark.parametrize("changes", REMOVED)
def test_a_script_without_its_user_is_an_error_said_once(tmp_path: Path, changes: list[Change]) -> None:
    found = made(tmp_path, *changes)
    assert "K22" in codes(found, lambda f: f.severity is Severity.ERROR)
    assert not codes(found) & {"K07", "K12"}


@pytest.mark.parametrize("changes", TAKEN)
def test_a_script_whose_user_is_there_earns_nothing(tmp_path: Path, changes: list[Change]) -> None:
    assert "K22" not in codes(made(tmp_path, *changes))


def test_a_folder_of_somebody_s_own_is_not_for_root(tmp_path: Path) -> None:
    found = made(tmp_path, (ALL, "/etc/keepalived/check.sh", "/home/ops/check.sh"))
    assert [f.message for f in found if f.code == "K22"] == [
        "root is to run check_apiserver from a folder of ops's, which enable_script_security forbids; "
        "move it to /etc/keepalived"
    ] * 3


@pytest.mark.parametrize("changes", MISSPELT)
def test_a_word_that_keepalived_does_not_know_is_an_error(tmp_path: Path, changes: list[Change]) -> None:
    assert "K21" in codes(made(tmp_path, *changes), lambda f: f.severity is Severity.ERROR)


@pytest.mark.parametrize("changes", KNOWN)
def test_words_that_it_knows_earn_nothing(tmp_path: Path, changes: list[Change]) -> None:
    assert "K21" not in codes(made(tmp_path, *changes))


def test_a_word_that_nothing_is_near_to_is_a_warning(tmp_path: Path) -> None:
    found = [f for f in made(tmp_path, (M1, "advert_int 1", "advert_int 1\n    zzz")) if f.code == "K21"]
    assert [(f.severity, f.message) for f in found] == [
        (Severity.WARNING, "keepalived does not know `zzz` in vrrp_instance, and drops it")
    ]


def test_what_the_environment_decides_is_said(tmp_path: Path) -> None:
    found = made(tmp_path, (PROXY, "    hard-stop-after 10m\n", ".if defined(X)\n.endif\n    hard-stop-after 10m\n"))
    assert [(f.code, f.line, f.severity) for f in found] == [("H17", 2, Severity.WARNING)]


def test_a_script_that_is_defined_too_late_is_told(tmp_path: Path) -> None:
    late = 'vrrp_script late {\n    script "/usr/bin/true"\n}\n'
    made(tmp_path, (M1, "        check_apiserver\n", "        check_apiserver\n        late\n"))
    conf = tmp_path / "m1/keepalived.conf"
    conf.write_text(conf.read_text() + late)
    said = [f.message for f in examine(read([tmp_path])) if f.code == "K21"]
    assert said == ["track_script late: nothing of that name is defined above; keepalived ignores it"]
