"""The page as a screen reader, a keyboard and a phone meet it: its structure, for every recorded campaign."""

import shutil
from pathlib import Path

import pytest

from harness import store, verdict
from harness.events import Unsteady
from harness.report import formats
from harness.verdict import Finding, Outcome
from tests.drawn import Drawn, crash_of_owner
from tests.report.structure import assert_sound, read
from tests.stored import stored_campaign

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("campaign", sorted(path.parent for path in EXAMPLES.glob("*/campaign.json")), ids=str)
def test_every_example_is_a_sound_page(tmp_path, campaign):
    assert_sound(formats.write(shutil.copytree(campaign, tmp_path / "campaign")).read_text())


def test_many_trials_are_a_sound_page_also_of_the_same_name_and_without_faults(tmp_path):
    for name in ("one", "an other"):
        stored_campaign(tmp_path / name, crash_of_owner())
    d = Drawn()
    d.event(30, "harness", Unsteady(cause="no node has the VIP", ended=False, stalled_share=0.0), "runner")
    stored_campaign(tmp_path, d, "kill-haproxy")
    for example in EXAMPLES.iterdir():
        shutil.copytree(example, tmp_path / "examples" / example.name)
    page = formats.write(tmp_path).read_text()
    assert_sound(page)
    (nav,) = read(page).all("nav")
    assert len(list(nav.all("a"))) == len(list(store.trials(tmp_path))) >= 5


def test_what_is_in_doubt_is_shown_with_the_reason(tmp_path):
    folder = stored_campaign(tmp_path, crash_of_owner())
    (trial,) = store.trials(folder)
    judged = store.load_verdict(trial)
    judged.findings = [
        Finding("Other", Outcome.PASSED, "well"),
        Finding("Validity", Outcome.INCONCLUSIVE, "requests left late", doubted=True),
        Finding("VipMoves", Outcome.INCONCLUSIVE, "in doubt: the VIP moved late", doubted=True),
        Finding("QuorumLost", Outcome.FAILED, "writes were acknowledged", certain=True),
    ]
    verdict.write(trial / "verdict.json", judged)
    page = formats.write(folder).read_text()
    assert_sound(page)
    first, reason, late, last = (li.text for li in read(page).all("li"))
    assert first.endswith("failed: QuorumLost writes were acknowledged")
    assert reason.endswith("requests left late In doubt: this machine was too busy to tell, a quieter one may.")
    assert "In doubt, because requests left late: this machine was too busy to tell" in late
    assert "doubt" not in last


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return formats.write(stored_campaign(tmp_path_factory.mktemp("reports"), crash_of_owner())).read_text()


@pytest.mark.parametrize(
    "hurt",
    [
        ("<main>", "<main><main></main>"),
        ("</main>", "</main>out of place"),
        ('<th scope="col">backend</th>', '<th scope="col"></th>'),
        ('<th scope="col">backend</th>', "<th>backend</th>"),
        ('role="group" tabindex="0"', 'role="group"'),
        ("<table>", "</div><div><table>"),
        ('href="#words"', 'href="#nowhere"'),
        ('<section id="words"', '<section id="trial/kill-node/article-1"'),
        (' role="img"', ' role="none"'),
        ("<h2>Words</h2>", "<h5>Words</h5>"),
    ],
)
def test_an_unsound_page_is_found(page, hurt):
    assert hurt[0] in page
    with pytest.raises((AssertionError, KeyError, ValueError)):
        assert_sound(page.replace(*hurt))
