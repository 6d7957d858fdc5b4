import pytest

from harness import assets, store
from harness.errors import HistoryError
from tests.drawn import crash_of_owner
from tests.stored import spec_of, stored_campaign


def test_two_campaigns_of_one_second_have_folders_of_their_own(tmp_path):
    first, second = store.new_campaign(tmp_path)[0], store.new_campaign(tmp_path)[0]
    assert first != second


def test_a_word_of_explanation_among_the_reports_is_no_trial(tmp_path):
    explained = (assets.ROOT / "reports/README.md").read_text()
    assert len(explained.splitlines()) == 3
    (tmp_path / "README.md").write_text(explained)
    folder = stored_campaign(tmp_path, crash_of_owner())
    assert list(store.trials(tmp_path)) == list(store.trials(folder)) != []
    # Whatever is run writes here; none of it is anybody's to commit.
    ignored = (assets.ROOT / ".gitignore").read_text().splitlines()
    assert ignored.index("/reports/*") < ignored.index("!/reports/README.md")


def test_trials_of_a_scenario_are_numbered(tmp_path):
    assert [store.trial_folder(tmp_path, "kill-node", "mine").name for _ in range(3)] == ["mine-1", "mine-2", "mine-3"]


def test_a_campaign_lists_its_trials_with_their_verdicts(tmp_path):
    folder = stored_campaign(tmp_path, crash_of_owner())
    (entry,) = store.load_campaign(folder).trials
    assert (entry.scenario, entry.profile, entry.path) == ("kill-node", "article", "kill-node/article-1")
    assert entry.outcome == store.load_verdict(folder / entry.path).outcome.value


def test_a_history_may_be_compressed(tmp_path):
    folder = stored_campaign(tmp_path, crash_of_owner())
    trial = next(store.trials(folder))
    from harness import history

    plain = store.load_trial(trial)[1]
    history.write(trial / "history.jsonl.gz", plain.events)
    (trial / "history.jsonl").unlink()
    assert store.load_trial(trial)[1].events == plain.events


@pytest.mark.parametrize("damage", [b"{", b'{"schema": 99}'])
def test_what_cannot_be_understood_is_refused_with_its_name(tmp_path, damage):
    trial = store.trial_folder(tmp_path, "x", "y")
    store.save_trial(trial, spec_of("kill-node"), [])
    (trial / "spec.json").write_bytes(damage)
    with pytest.raises(HistoryError, match=r"spec\.json"):
        store.load_trial(trial)
    (tmp_path / "campaign.json").write_bytes(damage)
    with pytest.raises(HistoryError, match=r"campaign\.json"):
        store.load_campaign(tmp_path)
