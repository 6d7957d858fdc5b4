import io
import json

import msgspec
from rich.console import Console

from harness import assets, catalogue
from harness.campaign import simulated as played
from harness.model.simulation.assumed import QUIET_LAB
from harness.profile.folder import find, load
from harness.report import simulated


def samples(scenario, profile="article", trials=300):
    return played(catalogue.find(scenario), load(find(profile, assets.PROFILES)), trials, seed=1)


def printed(scenario, profile="article", trials=300, width=140):
    file = io.StringIO()
    table = simulated.table(scenario, profile, samples(scenario, profile, trials), 1)
    Console(file=file, width=width).print(table)
    return file.getvalue()


def row(text, title):
    return next(line for line in text.splitlines() if line.startswith(title)).removeprefix(title).split()


def test_a_fault_is_told_with_its_distributions():
    said = printed("kill-node")
    assert "kill-node on article: 300 simulated trials, seed 1" in said
    assert "NodeCrash on m1; the VIP went to m2" in said
    least, _, _, _, most, mean, *_ = row(said, "VIP migration")
    assert 2.5 < float(least) < float(mean) < float(most) < 3.7
    assert "not seen" not in said
    assert row(said, "eviction of master on m3")
    assert "% failed" in said


def test_a_narrow_terminal_cuts_no_figure():
    assert "…" not in printed("kill-node", "kubeadm", width=80).replace("min … max", "")


def test_a_vip_that_never_moves_is_the_headline():
    said = printed("kill-haproxy", "article-priority-99")
    assert "it never moved in 100 % of the trials" in said
    assert row(said, "VIP migration") == ["∞"] * 6 + ["100", "%"]
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
    assert data["assumed"]["election_s"] == [1.0, 2.0]
    never = samples("kill-haproxy", "article-priority-99", trials=50)
    data = json.loads(msgspec.json.encode(simulated.plain("kill-haproxy", "x", never, 1, QUIET_LAB)))
    migration = data["faults"][0]["measures"]["vip_migration_s"]
    assert (migration["never"], migration["p50"], migration["histogram"]) == (50, None, [])


def test_a_histogram_shows_every_bin_that_is_not_empty():
    assert simulated.drawn([0, 1, 1000, 500]) == " ▁█▄"
    assert simulated.drawn([7]) == ""
    assert simulated.drawn([]) == ""
