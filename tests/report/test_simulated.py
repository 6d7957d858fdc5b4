import json

import msgspec
import pytest

from harness import assets, catalogue
from harness.errors import UsageError
from harness.profile.folder import find, load
from harness.report import simulated
from harness.simulate.assumed import QUIET_LAB
from harness.simulate.simulate import played
from tests.report.pages import assert_readable, piped
from tests.simulate.chains import UNKNOWN


def samples(scenario, profile="article", trials=300):
    return played(catalogue.find(scenario), load(find(profile, assets.PROFILES)), trials, seed=1)


def page(scenario, profile="article", trials=300):
    return simulated.table(scenario, profile, samples(scenario, profile, trials), 1)


def printed(scenario, profile="article", trials=300):
    return "\n".join(piped(page(scenario, profile, trials)))


def row(text, title):
    return next(line for line in text.splitlines() if line.startswith(title)).removeprefix(title).split()


def test_a_fault_is_told_with_its_distributions():
    said = printed("kill-node")
    assert "kill-node on article: 300 simulated trials, seed 1" in said
    assert "NodeCrash on m1; the VIP went to m2" in said
    least, _, _, _, most, mean, *_ = row(said, "VIP migration")
    assert 2.5 < float(least) < float(mean) < float(most) < 3.7
    assert "not seen" not in said
    assert row(said, "eviction of master by m3")
    assert "% failed" in said


@pytest.mark.parametrize("scenario", sorted(UNKNOWN))
def test_what_the_model_does_not_know_is_said(scenario):
    with pytest.raises(UsageError, match=r"the model does not know what .* means for m\d: it cannot be simulated"):
        samples(scenario)


@pytest.mark.parametrize("scenario", sorted(set(catalogue.names()) - UNKNOWN))
def test_every_scenario_can_be_read(scenario):
    made = page(scenario, "kubeadm", 100)
    for width in (80, 120, 200):
        assert_readable(made, width)


def test_a_vip_that_never_moves_is_the_headline():
    said = printed("kill-haproxy", "article-priority-99")
    assert "it never moved in 100 % of the trials" in said
    assert " ".join(row(said, "VIP migration")) == "∞ ∞ ∞ ∞ ∞ ∞ not seen in 100 % of the trials"
    assert "failback" not in said


def test_what_a_fault_beside_the_vip_cannot_show_is_not_shown():
    said = printed("kill-apiserver")
    assert "the VIP was elsewhere" in said
    assert "VIP migration" not in said and "dual master" not in said
    assert row(said, "blackout")[:6] == ["0"] * 6


def test_the_same_as_data():
    found = samples("kill-two-masters", trials=200)
    data = json.loads(msgspec.json.encode(simulated.plain("kill-two-masters", "article", found, 1, QUIET_LAB)))
    first, second = data["faults"]
    assert (first["nodes"], second["new_owners"]) == ({"m1": 200}, {"m3": sum(second["new_owners"].values())})
    migration = first["measures"]["vip_migration_s"]
    assert (migration["n"], migration["never"], sum(migration["histogram"])) == (200, 0, 200)
    assert migration["min"] < migration["p50"] < migration["max"] < 3.7
    assert {row["haproxy"] for row in first["evictions"]} == {"m2", "m3"}
    never = samples("kill-haproxy", "article-priority-99", trials=50)
    data = json.loads(msgspec.json.encode(simulated.plain("kill-haproxy", "x", never, 1, QUIET_LAB)))
    migration = data["faults"][0]["measures"]["vip_migration_s"]
    assert (migration["never"], migration["p50"], migration["histogram"]) == (50, None, [])


def test_a_histogram_shows_every_bin_that_is_not_empty():
    assert simulated.drawn([0, 1, 1000, 500]) == " ▁█▄"
    assert simulated.drawn([7]) == ""
    assert simulated.drawn([]) == ""
