"""The reason why the harness exists: a configuration that is recommended, and never fails over."""

import shutil

import pytest

from harness import assets, catalogue, store
from harness.campaign import Series
from harness.model.timers import Timers
from harness.profile import folder as profiles
from harness.verdict import Outcome


@pytest.fixture
def weak_backups(tmp_path):
    """The article's profile with the priorities that its text gives to the backups."""
    folder = tmp_path / "weak-backups"
    shutil.copytree(assets.PROFILES / "article", folder)
    for node, before, after in (("m2", 109, 99), ("m3", 108, 98)):
        file = folder / node / "keepalived.conf"
        file.write_text(file.read_text().replace(f"priority {before}", f"priority {after}"))
    return profiles.load(folder)


def test_the_files_alone_tell(weak_backups, article):
    assert not Timers(weak_backups).moves("m1")
    assert Timers(article).moves("m1")


@pytest.mark.lab
def test_the_lab_proves_it(weak_backups, engine, tmp_path):
    folder, begun = store.new_campaign(tmp_path / "reports")
    store.save_campaign(folder, begun)
    verdict = Series(folder, engine).trial("kill-haproxy", catalogue.find("kill-haproxy"), weak_backups, print)
    assert verdict.outcome is Outcome.FAILED
    failed = {f.check: f.message for f in verdict.findings if f.outcome is Outcome.FAILED}
    assert failed["VipMoves"].startswith("the VIP never moved: m1 failed and kept it for ≥ ")
    assert failed["VipMoves"].endswith("it still advertised priority 110, and the best of the others, m2, has 101")
    assert verdict.faults[0].vip_migration_s.keys() == {"at_least"}
