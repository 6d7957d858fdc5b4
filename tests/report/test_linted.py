import pytest

from harness import assets
from harness.lint.examine import examine
from harness.lint.reading import read
from harness.report.linted import page
from tests.lint.files import made
from tests.report.pages import assert_readable, piped, shown

BROKEN = ("haproxy.cfg", "default-server check ", "default-server ")


@pytest.fixture
def found(tmp_path):
    return [f for f in made(tmp_path, BROKEN) if f.code == "H01"]


def test_there_are_place_reason_remedy_and_count(found):
    said = "\n".join(piped(page(found)))
    assert said.startswith("error H01: a backend's health  <https://")
    assert "haproxy.cfg:18: error H01: m1 is never checked" in said
    assert "    - server m1 10.0.0.11:6443\n    + server m1 10.0.0.11:6443 check\n" in said
    assert said.endswith("3 errors, 0 warnings, 0 remarks")
    assert piped(page(found[:1]))[-1] == "1 error, 0 warnings, 0 remarks"
    assert piped(page([])) == ["nothing to object to"]


def test_in_a_pipe_every_finding_is_a_line_of_its_own():
    everything = examine(read([assets.PROFILES / "article-priority-99"]))
    lines = piped(page(everything))
    assert len(everything) > 20
    for f in everything:
        assert f"{f.path}:{f.line}: {f.severity} {f.code}: {f.message}" in lines


def test_in_a_terminal_one_message_is_told_once_behind_its_places():
    everything = examine(read([assets.PROFILES / "article-priority-99"]))
    lines = [line.strip() for line in shown(page(everything), 200)]
    same = [f for f in everything if f.code == "K06"]
    assert [f"{f.path}:{f.line}" in lines for f in same] == [True, True, False]
    assert sum(same[0].message in line for line in lines) == 1
    assert lines.count("+ weight 12") == 2  # m1's, and the others' once


@pytest.mark.parametrize("name", ["article-priority-99", "kubeadm", "nginx"])
def test_it_can_be_read(name):
    narrow = page([f for f in examine(read([assets.PROFILES / name])) if len(f.path) < 70])
    assert shown(narrow)
    for width in (80, 120, 200):
        for line in shown(narrow, width):
            assert len(line) <= width or len(line.split()) == 1
    assert_readable(page([]))
