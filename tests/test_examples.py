"""Everything that was ever recorded or written down lies where the model says it must."""

import io
import json
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from harness import store
from harness.chain.failure import Kind
from harness.judge import judge
from harness.predict.timers import EARLY_S, SLACK_S
from harness.report import formats, terminal
from harness.verdict import Outcome
from tests.predict.made import ends, interval, predicted, profile

EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.fixture(params=[path.relative_to(EXAMPLES).as_posix() for path in store.trials(EXAMPLES)])
def recorded(request):
    return EXAMPLES / request.param


@pytest.fixture
def judged(recorded, tmp_path):
    shutil.copytree(recorded, tmp_path / "t1")
    return judge(tmp_path / "t1")


def test_every_recorded_figure_lies_in_its_predicted_interval(judged):
    (finding,) = [f for f in judged.findings if f.check == "WithinPrediction"]
    assert finding.outcome is Outcome.PASSED, finding.message
    assert int(finding.message.split()[0]) >= 6


def test_a_recorded_trial_is_judged_as_it_was_when_it_was_recorded(judged, recorded):
    assert judged.outcome.value == json.loads((recorded / "verdict.json").read_text())["outcome"]


def test_a_vip_that_never_moved_is_told_with_what_lint_knows_of_it(tmp_path):
    folder = shutil.copytree(EXAMPLES / "never-fails-over", tmp_path / "campaign")
    (trial,) = store.trials(folder)
    recorded = store.load_verdict(trial)
    judged = judge(trial)
    first, *others = next(f for f in judged.findings if f.check == "VipMoves").because
    assert first.fix is not None
    assert [f.because for f in recorded.findings] == [f.because for f in judged.findings]
    assert (first.rule, first.path, first.line, first.fix.strip()) == (
        "K01",
        "weak-backups/m1/keepalived.conf",
        8,
        "weight 13",
    )
    assert len(others) == 2
    page = " ".join(formats.write(folder).read_text().split())
    assert "<b>K01</b> <code>weak-backups/m1/keepalived.conf:8</code>" in page
    assert "write <code>weight 13</code>" in page
    out = io.StringIO()
    Console(file=out, width=100).print(terminal.table(judged))
    assert "K01 weak-backups/m1/keepalived.conf:8: the VIP never leaves m1" in out.getvalue()


def inside(figure: float, found: tuple[float, float]) -> bool:
    # Figures in prose are rounded to what they show.
    return found[0] - EARLY_S - 0.05 <= figure <= found[1] + SLACK_S + 0.05


# What the README's table, docs/measurement.md and earlier hand-made labs have of it, seconds.
MIGRATIONS = [
    ("article", Kind.PROXY_DEAD, "m1", [4.01, 5.5735, 3.1946, 5.6750, 6.1]),
    ("article", Kind.NODE_CRASH, "m1", [2.98, 2.93, 3.5221, 2.6530, 3.224, 2.86]),
    ("kubeadm", Kind.PROXY_DEAD, "m1", [31.58]),
    ("kubeadm", Kind.NODE_CRASH, "m1", [3.47, 2.70]),
]


@pytest.mark.parametrize(("name", "kind", "node", "figures"), MIGRATIONS)
def test_every_migration_that_was_measured_lies_inside(name, kind, node, figures):
    found = interval(predicted(profile(name), kind, node), "vip_migration_s")
    assert [f for f in figures if not inside(f, found)] == []


def test_the_links_that_were_measured_lie_inside():
    article, kubeadm = (predicted(profile(name), Kind.PROXY_DEAD) for name in ("article", "kubeadm"))
    assert inside(1.44, interval(article, "detection_s"))
    assert inside(4.01 - 1.44, interval(article, "election_s"))
    assert inside(28.97, interval(kubeadm, "detection_s"))
    assert inside(31.58 - 28.97, interval(kubeadm, "election_s"))
    assert inside(2.7, interval(article, "failback_s"))
    assert inside(29.957, interval(predicted(profile(), Kind.NODE_CRASH), "watch_stall_s"))
    assert all(inside(f, interval(predicted(profile("kubeadm"), Kind.NODE_CRASH), "failback_s")) for f in (8.8, 9.1))


@pytest.mark.parametrize(
    ("name", "kind", "measure", "figures"),
    [
        ("article", Kind.APISERVER_DEAD, "eviction_s", [4.1, 5.9]),
        ("article", Kind.APISERVER_DEAD, "readmission_s", [2.1, 2.8]),
        ("kubeadm", Kind.APISERVER_DEAD, "eviction_s", [4.4]),
        ("article", Kind.NODE_CRASH, "eviction_s", [11.3, 11.8, 12.0]),
    ],
)
def test_the_evictions_that_were_measured_lie_inside(name, kind, measure, figures):
    rows = predicted(profile(name), kind, node="m2").evictions.values()
    found = {ends(row[measure]) for row in rows}
    assert [f for f in figures for bounds in found if not inside(f, bounds)] == []
