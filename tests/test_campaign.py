import itertools

import pytest

from harness import assets, campaign, catalogue, history, runner, store
from harness.contracts import Passing
from harness.errors import DiskError, EngineError, Interrupted, LabError
from harness.events import Unsteady
from harness.judge import judge
from harness.profile.folder import find, load
from harness.verdict import Outcome
from tests.drawn import Drawn, crash_of_owner
from tests.stored import stored_campaign


def test_judging_again_comes_to_the_same(tmp_path):
    folder = stored_campaign(tmp_path, crash_of_owner())
    trial = next(store.trials(folder))
    before = (trial / "verdict.json").read_bytes()
    judged = judge(trial)
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


def test_a_chain_that_never_became_steady_is_a_verdict_with_its_cause(tmp_path):
    d = Drawn()
    d.event(30, "harness", Unsteady(cause="haproxy on m1 ended by itself", ended=True, stalled_share=0.9), "runner")
    judged = store.load_verdict(next(store.trials(stored_campaign(tmp_path, d))))
    (finding,) = [f for f in judged.findings if f.check == "SteadyState"]
    assert (judged.outcome, finding.message) == (Outcome.FAILED, "nothing was broken: haproxy on m1 ended by itself")


def test_one_that_a_busy_machine_kept_from_it_is_inconclusive(tmp_path):
    d = Drawn()
    d.event(30, "harness", Unsteady(cause="no node has the VIP", ended=False, stalled_share=0.9), "runner")
    judged = store.load_verdict(next(store.trials(stored_campaign(tmp_path, d))))
    assert (judged.outcome, judged.doubted) == (Outcome.INCONCLUSIVE, True)
    assert [f.message for f in judged.findings] == [
        "for 90% of the wait somebody had no processor to run on: this machine is too busy",
        "in doubt: nothing was broken: no node has the VIP",
    ]


def test_how_a_campaign_ended_counts_every_whole_trial():
    listed = store.Campaign("c", "now")
    for outcome, whole in (("passed", True), ("failed", True), ("inconclusive", False)):
        listed.trials.append(store.Entry("s", "article", "t", Outcome(outcome), "p", whole))
    assert listed.outcomes == [Outcome.PASSED, Outcome.FAILED]


def ordered(repeats: int) -> list[runner.Turn]:
    article = load(find("article", assets.PROFILES))
    return campaign.turns({n: catalogue.find(n) for n in ("kill-node", "kill-haproxy")}, [article], repeats)


def test_repeats_come_in_rounds_and_their_phases_are_spread_evenly():
    order = ordered(5)
    assert [turn.name for turn in order] == ["kill-node", "kill-haproxy"] * 5
    for name in ("kill-node", "kill-haproxy"):
        phases = [turn.phase for turn in order if turn.name == name and turn.phase is not None]
        assert sorted(int(phase * 5) for phase in phases) == [0, 1, 2, 3, 4]
    assert ordered(1)[0].phase is None


def test_an_interrupted_campaign_goes_on_with_what_is_missing():
    listed = store.Campaign("c", "now")
    for scenario, whole in (("kill-node", True), ("kill-node", False), ("kill-haproxy", True), ("other", True)):
        listed.trials.append(store.Entry(scenario, "article", "t", Outcome.PASSED, "p", whole))
    left = campaign.missing(ordered(2), listed)
    assert [turn.name for turn in left] == ["kill-node", "kill-haproxy"]
    assert campaign.missing(ordered(1), listed) == []


def test_numbers_tell_trials_apart():
    assert campaign.labelled(ordered(5)) == [*(f" {n}" for n in range(1, 10)), "10"]
    assert campaign.labelled(ordered(1)[:1]) == [""]


@pytest.mark.parametrize("labs", [1, 2])
def test_what_a_trial_tells_stands_behind_its_number(tmp_path, monkeypatch, labs):
    def trial(self, turn, progress):
        progress(Passing("under way"))
        raise LabError("no lab")

    monkeypatch.setattr(campaign.Series, "trial", trial)
    told: list[str] = []
    came = sorted(campaign.Series(tmp_path, Engine()).play(ordered(1), labs, told.append))
    assert [(name, str(error)) for name, error in came] == [
        ("1, kill-node on article", "no lab"),
        ("2, kill-haproxy on article", "no lab"),
    ]
    assert sorted(told) == [
        "1\tkill-node on article",
        "1\tunder way",
        "2\tkill-haproxy on article",
        "2\tunder way",
    ]
    assert sorted(text for text in told if isinstance(text, Passing)) == ["1\tunder way", "2\tunder way"]


class Engine:
    """Answers until it goes away."""

    gone = False

    def ping(self) -> bool:
        if self.gone:
            raise EngineError("gone")
        return True


@pytest.mark.parametrize("labs", [1, 2])
def test_a_campaign_ends_in_order_when_its_engine_went_away(tmp_path, monkeypatch, labs):
    engine = Engine()
    series = campaign.Series(tmp_path, engine)

    begun = {"kill-node": itertools.count(), "kill-haproxy": itertools.count()}

    def broken(self, turn, progress):
        if next(begun[turn.name]):  # only the first of each breaks; the others end when all do
            assert self.halt.wait(100)
            raise Interrupted
        if turn.name == "kill-haproxy":
            engine.gone = True
        raise EngineError(f"{turn.name} broke")

    monkeypatch.setattr(campaign.Series, "trial", broken)
    told = [str(outcome) for _, outcome in series.play(ordered(20), labs, print)]
    assert sorted(told) == ["kill-haproxy broke", "kill-node broke"]


@pytest.mark.parametrize(("error", "trials"), [(LabError("not steady"), 4), (DiskError("full"), 1)])
def test_a_lab_that_was_not_built_is_no_reason_to_end_and_a_full_disk_is(tmp_path, monkeypatch, error, trials):
    def broken(self, turn, progress):
        raise error

    monkeypatch.setattr(campaign.Series, "trial", broken)
    ended = campaign.Series(tmp_path, Engine()).play(ordered(2), 1, print)
    assert [outcome for _, outcome in ended] == [error] * trials


def test_what_was_recorded_is_kept_where_it_cannot_be_listed(tmp_path, monkeypatch):
    """As when the disk is full once the history was written."""

    def recorded(turn, folder, *others):
        history.write(folder / "history.jsonl", [])
        raise DiskError("spec.json: no space left on device")

    monkeypatch.setattr(runner, "run", recorded)
    series = campaign.Series(tmp_path, Engine())
    ((_, outcome),) = series.play(ordered(1)[:1], 1, print)
    assert isinstance(outcome, DiskError)
    assert (tmp_path / "kill-node/article-1/history.jsonl").exists()
