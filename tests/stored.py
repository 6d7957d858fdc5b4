"""A stored trial made of a drawn history and a shipped profile."""

from __future__ import annotations

from pathlib import Path

from harness import assets, campaign, store
from harness.judge import judge
from harness.profile import folder as profiles
from harness.profile.instrument import instrument
from harness.profile.record import record
from tests.drawn import Drawn


def spec_of(scenario: str, profile: str = "article") -> store.Spec:
    plain = profiles.load(profiles.find(profile, assets.PROFILES))
    ran = instrument(plain).profile
    return store.Spec(
        scenario=store.Named(scenario, "A <summary> & more."),
        profile=record(plain, ran),
        nodes={n: store.Machine(str(a)) for n, a in plain.facts.nodes.items()},
        backends=plain.backends,
        versions={"keepalived": "2.2.7"},
    )


def stored_campaign(reports: Path, drawn: Drawn, scenario: str = "kill-node") -> Path:
    """Write a campaign with one judged trial, and return its folder."""
    folder, begun = store.new_campaign(reports)
    store.save_campaign(folder, begun)
    trial = store.trial_folder(folder, scenario, "article")
    store.save_trial(trial, spec_of(scenario), drawn.events)
    campaign.enlist(folder, trial, judge(trial))
    return folder
