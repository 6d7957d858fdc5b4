import json

import pytest

from harness.lint import render
from harness.lint.examine import examine
from harness.lint.mend import mended
from harness.lint.reading import read
from tests.lint.files import codes, made
from tests.lint.test_rules import ALL, M1, PROXY

MECHANICAL = [
    ("K01", [(ALL, "weight -20", "weight -2")]),
    ("K01", [(ALL, "weight -20", "weight 5")]),
    ("K03", [(M1, "state BACKUP", "state master")]),
    ("H01", [(PROXY, "default-server check ", "default-server ")]),
    ("H02", [(PROXY, "check-ssl verify none ", "")]),
    ("H04", [(PROXY, " on-marked-down shutdown-sessions", "")]),
    ("H10", [(PROXY, "bind *:8443", "bind 10.0.0.100:8443")]),
    ("H18", [(PROXY, "server m2 10.0.0.12:6443", "server m2 10.0.0.12:6443 ssl")]),
]


@pytest.mark.parametrize(("code", "changes"), MECHANICAL)
def test_a_remedy_in_place_leaves_nothing_of_its_rule(tmp_path, code, changes):
    found = made(tmp_path, *changes)
    assert code in codes(found)
    for change in mended(found):
        change.write()
    assert code not in codes(examine(read([tmp_path])))


def test_two_remedies_of_one_line_are_both_there(tmp_path):
    plain = [(PROXY, "    default-server check check-ssl verify none on-marked-down shutdown-sessions\n", "")]
    (change,) = mended(made(tmp_path, *plain, (PROXY, "m1 10.0.0.11:6443", "m1 10.0.0.11:6443 check")))
    assert "server m1 10.0.0.11:6443 check check-ssl verify none on-marked-down shutdown-sessions\n" in change.after


def test_a_comment_stays_behind_the_line_and_windows_line_ends_stay(tmp_path):
    changes = [(PROXY, "default-server check ", "default-server "), (PROXY, "12:6443\n", "12:6443  # the second\r\n")]
    (change,) = mended(made(tmp_path, *changes))
    assert "    server m2 10.0.0.12:6443 check  # the second\r\n" in change.after


def test_the_diff_shows_what_changes_and_no_secret(tmp_path):
    found = made(tmp_path, (ALL, "auth_pass 8letters", "auth_pass s3cret"), (M1, "state BACKUP", "state master"))
    (change,) = mended(found)
    assert "-    state master\n+    state MASTER" in change.diff and "s3cret" not in change.diff
    assert "auth_pass s3cret" in change.after


def test_a_line_that_is_no_utf_8_stays_and_the_others_are_mended(tmp_path):
    made(tmp_path, (PROXY, "default-server check ", "default-server "))
    file = tmp_path / PROXY
    file.write_bytes(file.read_bytes().replace(b"11:6443\n", b"11:6443  # caf\xe9\n"))
    found = examine(read([tmp_path]))
    assert json.loads(render.sarif(found))["runs"][0]["results"][0]["fixes"]
    (change,) = mended(found)
    change.diff.encode()  # it can be printed
    change.write()
    assert b"11:6443  # caf\xe9\n    server m2 10.0.0.12:6443 check\n" in file.read_bytes()


def test_nothing_to_mend_is_nothing(tmp_path):
    assert mended(made(tmp_path)) == []
