"""What a scenario is about: what it does, what it asks, and what is predicted of it on a profile."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from harness.predict.timers import Timers
from harness.predict.walk import walk
from harness.profile.folder import Profile
from harness.report import prediction
from harness.report.layout import Paragraph, Rows
from harness.spec import Scenario
from harness.steps import lasting_s, told


def page(name: str, scenario: Scenario, profile: Profile) -> RenderableType:
    """Return a scenario's page for a terminal."""
    timers = Timers(profile)
    steps, checks = scenario.steps(timers), scenario.checks(timers)
    done = Rows(("what is done", ""), align="<<")
    for step in steps:
        done.add(type(step).__name__.lower(), told(step))
    asked = Rows(("what is asked",))
    for check in checks:
        asked.add(
            type(check).__name__, note=" ".join((type(check).__doc__ or "").split()).partition(". ")[0].rstrip(".")
        )
    predicted = prediction.scenario(name, walk(timers.chain, steps), profile.folder, [])
    about = f"{scenario.group}, {lasts(scenario, timers)} on {profile.name}"
    title, _, more = (scenario.summary or "").strip().partition("\n")
    return Group(
        Text(name, "bold"),
        Paragraph(title),
        *(Paragraph(part.strip()) for part in more.split("\n\n") if part.strip()),
        Text(about, "dim"),
        "",
        done,
        "",
        asked,
        "",
        Text(f"what is predicted on {profile.name}", "bold"),
        *predicted,
    )


def lasts(scenario: Scenario, timers: Timers) -> str:
    """Return how long a scenario's steps take on a profile, from the steady state on."""
    bounds = lasting_s(scenario.steps(timers))
    return f"{bounds.min:.0f}–{bounds.max:.0f} s"
