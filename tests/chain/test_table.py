from dataclasses import replace

import pytest

from harness.chain import table
from harness.chain.chain import Chain
from harness.chain.differing import differing
from harness.chain.failure import Kind, Standing
from harness.chain.outcome import run, unclear
from harness.chain.rest import at_rest
from harness.chain.user import runs_as
from harness.predict.migration import Stays
from harness.predict.predict import predict
from harness.profile.tried import Row, State, Table, Tried
from tests.predict.made import profile

NODES = ("m1", "m2", "m3")
OWN_CHECK = "#!/bin/sh\n/usr/local/bin/own-check\n"


def tried(made, *trials, node="m1"):
    """The profile with what its one script did, in states given as (state, passes) or as a Tried."""
    script = next(iter(made.scripts[node].values()))
    key = table.key(made, node, script.command, runs_as(made, node, script), script.timeout_s)
    rows = Row(key, node, script.name, script.command, tuple(_tried(*one) for one in trials))
    return replace(made, tried=Table("2026-11-27", {}, (rows,)))


def _tried(state, passes, owns=True, **about):
    return Tried(state, owns, passes, (0.1, 0.2), "exit 0" if passes else "exit 1", **about)


def ended(made, *kinds, on="m1", node="m1", owner="m1"):
    """How the script of a node ends once all of some kinds have failed."""
    chain, standing = Chain(made), Standing(owner, NODES)
    for kind in kinds:
        standing = standing.after(chain.fails(kind, on), owner)
    return run(chain, node, chain.watches(node)[0], standing)


def test_what_was_tried_counts_where_a_text_is_not_understood():
    made = tried(profile(check=OWN_CHECK), (State.WELL, True), (State.PROXY_DEAD, False))
    assert ended(made).passes is True
    dead = ended(made, Kind.PROXY_DEAD)
    assert dead.passes is False and dead.took_s.min == 0.1 and "tried in a lab" in dead.why
    assert ended(made, Kind.PROXY_HUNG).passes is None  # not tried there


def test_what_was_tried_counts_where_a_text_says_otherwise():
    made = tried(profile(), (State.PROXY_DEAD, True))
    assert ended(profile(), Kind.PROXY_DEAD).passes is False
    assert ended(made, Kind.PROXY_DEAD).passes is True


def test_a_reading_that_says_the_same_knows_the_times_better():
    made = tried(profile(), (State.PROXY_DEAD, False))
    assert ended(made, Kind.PROXY_DEAD).took_s.max == 0


@pytest.mark.parametrize("about", [{"passes": None}, {"passes": True, "started": ("haproxy",)}])
def test_by_turns_or_meddling_leaves_it_open(about):
    made = tried(profile(), (State.PROXY_DEAD, *about.values()) if len(about) == 1 else (State.PROXY_DEAD, True))
    if "started" in about:
        row = made.tried.rows[0]
        trial = Tried(State.PROXY_DEAD, True, True, (0.1, 0.2), "exit 0", started=("haproxy",))
        made = replace(made, tried=Table("", {}, (Row(row.key, row.node, row.name, row.command, (trial,)),)))
    assert ended(made, Kind.PROXY_DEAD).passes is None
    chain = Chain(made)
    standing = Standing("m1", NODES).after(chain.fails(Kind.PROXY_DEAD, "m1"), "m1")
    assert unclear(chain, "m1", chain.watches("m1")[0], standing)


def test_what_a_lab_could_not_tell_counts_for_nothing():
    made = tried(profile(), (State.PROXY_DEAD, True))
    row = made.tried.rows[0]
    trial = Tried(State.PROXY_DEAD, True, True, (0.0, 0.0), "exit 0", why="a lab's machines have no docker")
    made = replace(made, tried=Table("", {}, (Row(row.key, row.node, row.name, row.command, (trial,)),)))
    assert ended(made, Kind.PROXY_DEAD).passes is False


@pytest.mark.parametrize(
    "changes",
    [
        {"check": "#!/bin/sh\nfalse\n"},
        {"keepalived": {"interval 3": "interval 4"}},
        {"keepalived": {"global_defs {": "global_defs {\n    script_user nobody"}},
        {"haproxy": {r"timeout connect.*": "timeout connect 9s"}},
    ],
)
def test_a_trial_is_gone_by_only_while_nothing_that_it_depends_on_has_changed(changes):
    stored = tried(profile(), (State.PROXY_DEAD, True)).tried
    chain = Chain(replace(profile(**changes), tried=stored))
    assert table.row(chain.profile, "m1", chain.scripts("m1")[0]) is None


def test_weights_and_priorities_change_nothing_for_a_script():
    stored = tried(profile(), (State.PROXY_DEAD, True)).tried
    chain = Chain(
        replace(profile(keepalived={"weight 2": "weight 9", "interval 3": "interval 3\n    fall 4"}), tried=stored)
    )
    assert table.row(chain.profile, "m1", chain.scripts("m1")[0])


@pytest.mark.parametrize(
    ("failures", "owner", "state"),
    [
        ([], "m1", State.WELL),
        ([(Kind.PROXY_DEAD, "m1")], "m1", State.PROXY_DEAD),
        ([(Kind.PROXY_HUNG, "m1")], "m2", State.PROXY_HUNG),
        ([(Kind.APISERVER_DEAD, "m1")], "m1", State.DEAD),
        ([(Kind.APISERVER_HUNG, "m1")], "m1", State.HUNG),
        ([(Kind.APISERVER_ERRORS, "m1")], "m1", State.ERRORS),
        ([(Kind.APISERVER_MUTE, "m1")], "m1", None),
        ([(Kind.PROXY_DEAD, "m2")], "m1", State.OTHER_PROXY_DEAD),
        ([(Kind.PROXY_HUNG, "m2")], "m1", None),
        ([(Kind.APISERVER_DEAD, "m2")], "m1", State.OTHER_EVICTED),
        ([(Kind.NODE_CRASH, "m2")], "m1", State.OTHER_EVICTED),
        ([(Kind.APISERVER_ERRORS, "m2")], "m1", None),
        ([(Kind.APISERVER_DEAD, n) for n in NODES], "m1", State.ALL_DEAD),
        ([(Kind.ETCD_DEAD, "m2")], "m1", None),
        ([(Kind.ETCD_DEAD, "m2"), (Kind.ETCD_DEAD, "m3")], "m1", State.NO_QUORUM),
        ([(Kind.NODE_CRASH, "m2"), (Kind.NODE_CRASH, "m3")], "m1", None),
        ([(Kind.PROXY_DEAD, "m1"), (Kind.APISERVER_DEAD, "m2")], "m1", None),
        ([(Kind.PROXY_DEAD, "m1"), (Kind.APISERVER_DEAD, "m1")], "m1", None),
        ([(Kind.KEEPALIVED_STOPPED, "m2")], "m1", State.WELL),
    ],
)
def test_in_which_of_the_states_a_chain_is(failures, owner, state):
    chain, standing = Chain(profile()), Standing(owner, NODES)
    for kind, node in failures:
        standing = standing.after(chain.fails(kind, node), owner)
    assert table.around(chain.profile, "m1", standing).state(NODES) is state


def test_where_a_trial_says_otherwise_than_the_text():
    made = tried(
        profile(), (State.WELL, True), (State.PROXY_DEAD, True), (State.PROXY_HUNG, True), (State.REFUSES, False)
    )
    chain = Chain(made)
    assert [one.state for one in differing(chain, "m1", chain.watches("m1")[0])] == [State.PROXY_DEAD]


def test_what_was_tried_is_told_where_the_text_does_not():
    made = tried(profile(check=OWN_CHECK), (State.PROXY_DEAD, True))
    chain = Chain(made)
    found = predict(chain, chain.fails(Kind.PROXY_DEAD, "m1"), at_rest(chain))
    assert isinstance(found.move, Stays) and "passes all the same (tried in a lab: exit 0)" in found.move.why
    assert not found.depends
