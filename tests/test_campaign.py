from harness import campaign, store
from harness.verdict import Outcome
from tests.drawn import crash_of_owner
from tests.stored import stored_campaign


def test_judging_again_comes_to_the_same(tmp_path):
    folder = stored_campaign(tmp_path, crash_of_owner())
    trial = next(store.trials(folder))
    before = (trial / "verdict.json").read_bytes()
    judged = campaign.judge(trial)
    assert (trial / "verdict.json").read_bytes() == before
    campaign.enlist(folder, trial, judged)
    assert len(store.load_campaign(folder).trials) == 1


def test_the_scenarios_own_checks_are_asked(tmp_path):
    d = crash_of_owner()
    d.write(1)
    d.readback(30, [])
    trial = next(store.trials(stored_campaign(tmp_path, d)))
    judged = store.load_verdict(trial)
    assert {f.check for f in judged.findings} >= {"VipMoves", "BlackoutWithin", "Evicts", "NoAcknowledgedWriteLost"}
    assert judged.outcome is Outcome.PASSED
