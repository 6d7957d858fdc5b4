from harness import assets, campaign, catalogue, store
from harness.profile.folder import find, load
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


def ordered(repeats: int) -> list[campaign.Turn]:
    article = load(find("article", assets.PROFILES))
    return campaign.turns({n: catalogue.find(n) for n in ("kill-node", "kill-haproxy")}, [article], repeats)


def test_repeats_come_in_rounds_and_their_phases_are_spread_evenly():
    order = ordered(5)
    assert [turn.name for turn in order] == ["kill-node", "kill-haproxy"] * 5
    for name in ("kill-node", "kill-haproxy"):
        assert sorted(int(turn.phase * 5) for turn in order if turn.name == name) == [0, 1, 2, 3, 4]
    assert ordered(1)[0].phase is None


def test_an_interrupted_campaign_goes_on_with_what_is_missing():
    listed = store.Campaign("c", "now")
    for scenario, whole in (("kill-node", True), ("kill-node", False), ("kill-haproxy", True), ("other", True)):
        listed.trials.append(store.Entry(scenario, "article", "t", "passed", "p", whole))
    left = campaign.missing(ordered(2), listed)
    assert [turn.name for turn in left] == ["kill-node", "kill-haproxy"]
    assert campaign.missing(ordered(1), listed) == []
