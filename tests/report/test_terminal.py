from pathlib import Path

import pytest

from harness import store
from harness.figures import told, told_interval
from harness.judge import judge
from harness.report import terminal
from harness.verdict import Finding, Outcome
from tests.drawn import crash_of_owner
from tests.report.pages import assert_readable, piped, shown
from tests.stored import stored_campaign

RECORDED = sorted((Path(__file__).parents[2] / "examples").glob("*/*/*/verdict.json"))


def drawn(tmp_path):
    return judge(next(store.trials(stored_campaign(tmp_path, crash_of_owner()))))


def test_the_tables_say_what_the_verdict_holds(tmp_path):
    text = "\n".join(piped(terminal.table(drawn(tmp_path))))
    assert "kill-node on article" in text
    assert "m1 at 3.0" in text
    assert "2.999" in text or "3.000" in text
    assert "connect_timeout" in text
    (migration,) = [line.split() for line in text.splitlines() if line.startswith("VIP migration")]
    assert migration[-1] == "2.57–3.57"
    assert "10–12" in text


@pytest.mark.parametrize("width", [80, 120, 200])
@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.parts[-3])
def test_a_trial_can_be_read(path, width):
    verdict = store.load_verdict(path.parent)
    assert_readable(terminal.table(verdict), width)
    text = "\n".join(shown(terminal.table(verdict), width))
    for fault in verdict.faults:
        for name, interval in fault.predicted.items():
            assert told(getattr(fault, name, None)) in text
            assert told_interval(interval, getattr(fault, name, None)) in text
    for eviction in verdict.evictions:
        assert told(eviction.eviction_s) in text
    for stream in verdict.streams.values():
        assert all(f"{kind} {count}" in " ".join(text.split()) for kind, count in stream.errors.items())


def test_recorded_trials_are_there():
    assert len(RECORDED) >= 2


def test_more_faults_than_fit_stand_below_each_other(tmp_path):
    verdict = drawn(tmp_path)
    verdict.faults *= 5
    assert_readable(terminal.table(verdict))
    heads = [line for line in shown(terminal.table(verdict)) if line.startswith("seconds ")]
    assert len(heads) > 1
    assert sum(line.count("measured") for line in heads) == 5


def ended(verdict, outcome, message, trial):
    found = [Finding("Other", Outcome.PASSED, "well"), Finding("VipMoves", outcome, message)]
    return type(verdict)(
        **{name: getattr(verdict, name) for name in verdict.__struct_fields__}
        | {"outcome": outcome, "findings": found, "trial": trial}
    )


def test_a_summary_of_forty_counts_and_gives_each_reason_in_one_line(tmp_path):
    verdict = drawn(tmp_path)
    trials = [ended(verdict, Outcome.PASSED, "fine", f"t{n}") for n in range(37)]
    trials.insert(3, ended(verdict, Outcome.INCONCLUSIVE, "late by 90 ms", "t38"))
    trials += [ended(verdict, Outcome.FAILED, "the VIP never moved:\nm1 kept it " + "on and on " * 9, "t39")]
    page = terminal.summary(trials, [("kill-haproxy on kubeadm", "no lab")])
    lines = piped(page)
    assert lines[2].split() == ["kill-node", "article", "39", "37", "1", "1"]
    failed, doubtful, broken = lines[-3:]
    assert failed == "✗ kill-node/t39: VipMoves: the VIP never moved"
    assert doubtful == "? kill-node/t38: VipMoves: late by 90 ms"
    assert broken == "! kill-haproxy on kubeadm: no lab"
    assert_readable(page)
    assert len(shown(page)) < 12


def test_where_all_passed_there_is_nothing_to_explain(tmp_path):
    fine = ended(drawn(tmp_path), Outcome.PASSED, "fine", "t1")
    assert len(piped(terminal.summary([fine, fine]))) == 3
