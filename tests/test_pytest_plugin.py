import subprocess
import sys
from types import SimpleNamespace

import pytest

from harness import assets, catalogue
from harness.campaign import Series
from harness.profile.folder import find, load
from harness.pytest_plugin import beyond_doubt
from harness.runner import Turn
from tests.test_catalogue import OWN

PASSED, FAILED, DOUBT = "passed", "failed", "doubted"


@pytest.mark.parametrize(
    ("outcomes", "taken", "settled"),
    [
        ([PASSED], 1, PASSED),
        ([FAILED, PASSED], 1, FAILED),
        ([DOUBT, FAILED, PASSED], 2, FAILED),
        ([DOUBT, DOUBT, PASSED], 3, PASSED),
        ([DOUBT, DOUBT, DOUBT, PASSED], 3, DOUBT),
        (["inconclusive", PASSED], 1, "inconclusive"),
    ],
)
def test_only_what_this_machine_puts_in_doubt_is_taken_again_and_asks_less_of_it(tmp_path, outcomes, taken, settled):
    left, rates = list(outcomes), []

    class Told(Series):
        def trial(self, turn, progress):
            rates.append((self.rates.fresh, self.rates.kept))
            outcome = left.pop(0)
            return SimpleNamespace(outcome=outcome, doubted=outcome == DOUBT)

    turn = Turn("kill-node", catalogue.find("kill-node"), load(find("article", assets.PROFILES)))
    assert beyond_doubt(Told(tmp_path, None), turn).outcome == settled
    assert rates == [(100.0, 100.0), (25.0, 25.0), (6.25, 6.25)][:taken]


def test_a_folder_of_scenarios_of_ones_own_is_a_suite(tmp_path):
    (tmp_path / "power_cut.py").write_text(OWN + "\n\ndef test_power_cut(trial):\n    trial(scenario)\n")
    (tmp_path / "helpers.py").write_text("def test_of_nobody():\n    raise AssertionError\n")
    (tmp_path / "test_other.py").write_text("def test_of_theirs():\n    pass\n")
    words = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    said = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True).stdout
    assert [line for line in said.splitlines() if "::" in line] == [
        "power_cut.py::test_power_cut",
        "test_other.py::test_of_theirs",
    ]
