from harness import assets, campaign, store
from harness.profile import folder as profiles
from harness.verdict import Outcome
from tests.drawn import crash_of_owner
from tests.stored import spec_of, stored_campaign


def test_a_profile_comes_back_out_of_a_trials_own_record():
    shipped = profiles.load(profiles.find("article", assets.PROFILES))
    stored = campaign.profile_of(spec_of("kill-node"))
    assert stored.files == shipped.files
    assert stored.instances == shipped.instances
    assert stored.servers == shipped.servers


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
