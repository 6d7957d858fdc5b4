import sys

import pytest

from harness.contracts import Passing
from harness.lab.output import LAST, Output, follow


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Step 2/7 : RUN apt-get update  && apt-get install keepalived\n", "step 2/7"),
        (" ---> Running in 0123456789ab\n", ""),
        ("Get:1 http://deb.debian.org/debian bookworm InRelease [151 kB]\n", "fetching the lists of packages"),
        (
            "Get:2 http://deb.debian.org/debian bookworm/main amd64 Packages [8788 kB]\n",
            "fetching the lists of packages",
        ),
        (
            "Get:9 http://deb.debian.org/debian bookworm/main amd64 keepalived amd64 1:2.2.7-1+b2 [524 kB]\n",
            "fetching keepalived",
        ),
        ("Selecting previously unselected package keepalived.\n", ""),
        ("Unpacking keepalived (1:2.2.7-1+b2) ...\n", "unpacking keepalived"),
        ("Setting up libnl-3-200:amd64 (3.7.0-0.2+b1) ...\n", "setting up libnl-3-200"),
        ("I: installing essential packages...\n", "installing essential packages"),
        ("\n", ""),
    ],
)
def test_what_a_line_tells(line, told):
    assert Output().read(line) == told


def test_the_step_is_told_with_what_it_does():
    said = Output()
    said.read("Step 2/7 : RUN apt-get update\n")
    assert said.read("Unpacking one (1) ...\nUnpacking two (1) ...\n") == "step 2/7, unpacking two"


def test_the_last_lines_are_kept_for_when_it_fails():
    said = Output()
    for number in range(30):
        said.read(f"line {number}\n\n")
    assert said.last().splitlines() == ["", *(f"  line {number}" for number in range(30 - LAST, 30))]


def test_a_command_is_followed(tmp_path):
    told: list[str] = []
    program = "import sys; print('Setting up one (1) ...'); print('E: no', file=sys.stderr); sys.exit(3)"
    code, said = follow([sys.executable, "-c", program], "installing", told.append)
    assert (code, told) == (3, ["installing: setting up one"])
    assert isinstance(told[0], Passing)
    assert "  E: no" in said.last()


def test_what_it_makes_is_kept_apart_from_what_it_says(tmp_path):
    told: list[str] = []
    program = "import sys; print('made'); print('I: extracting archives...', file=sys.stderr)"
    with (tmp_path / "result").open("w+b") as result:
        code, _ = follow([sys.executable, "-c", program], "making it", told.append, result=result)
    assert (code, told) == (0, ["making it: extracting archives"])
    assert (tmp_path / "result").read_text() == "made\n"
