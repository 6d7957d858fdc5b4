"""The reason why the harness exists: a configuration that is recommended, and never fails over."""

import pytest

from harness import assets, catalogue, store
from harness.campaign import Series
from harness.clock import unended
from harness.lint.examine import examine
from harness.lint.reading import read
from harness.lint.rule import Severity
from harness.predict.timers import Timers
from harness.profile import folder as profiles
from harness.pytest_plugin import beyond_doubt
from harness.runner import Turn
from harness.verdict import Outcome


@pytest.fixture
def weak_backups():
    """The article to the letter."""
    return profiles.load(assets.PROFILES / "article-priority-99")


def test_the_files_alone_tell(weak_backups, article):
    assert not Timers(weak_backups).moves("m1")
    assert Timers(article).moves("m1")
    (told,) = [f for f in examine(read([weak_backups.folder])) if f.severity is Severity.ERROR and "m1" in f.path]
    assert (told.code, told.line) == ("K01", 8)
    assert "m1 still advertises 110, and the best of the others, m2, has 101" in told.message


@pytest.mark.lab
@pytest.mark.alone
def test_the_lab_proves_it(weak_backups, engine, tmp_path):
    folder, begun = store.new_campaign(tmp_path / "reports")
    store.save_campaign(folder, begun)
    turn = Turn("kill-haproxy", catalogue.find("kill-haproxy"), weak_backups)
    verdict = beyond_doubt(Series(folder, engine), turn)
    assert verdict.outcome is Outcome.FAILED
    failed = {f.check: f.message for f in verdict.findings if f.outcome is Outcome.FAILED}
    assert failed["VipMoves"].startswith("the VIP never moved: m1 failed and kept it for ≥ ")
    assert failed["VipMoves"].endswith("it still advertised priority 110, and the best of the others, m2, has 101")
    assert unended(verdict.faults[0].vip_migration_s)
