from random import Random

import pytest

from harness.chain.compile import of
from harness.profile.tried import State
from harness.simulate.assumed import Assumed
from harness.simulate.tried import tried as went
from harness.simulate.world import World
from tests.chain.test_table import OWN_CHECK, tried
from tests.predict.made import profile


def world(made):
    return World(of(made), Assumed(), Random(1))


ALL = [(state, state is not State.PROXY_DEAD, owns) for state in State for owns in (True, False)]


def test_a_script_that_no_text_tells_of_goes_as_it_was_tried():
    w = world(tried(profile(check=OWN_CHECK), *ALL))
    track = w.nodes[0].tracks[0]
    assert w.tried(0, track).passed
    w.machines[0].signal("haproxy", "KILL")
    assert not w.tried(0, track).passed and 0.1 <= w.tried(0, track).took_s <= 0.2


def test_a_trial_that_says_what_the_text_tells_changes_nothing():
    assert of(tried(profile(), *ALL)) == of(profile())


@pytest.mark.parametrize(
    ("deeds", "state"),
    [
        ([], State.WELL),
        ([(0, "haproxy", "KILL")], State.PROXY_DEAD),
        ([(0, "haproxy", "STOP")], State.PROXY_HUNG),
        ([(1, "haproxy", "KILL")], State.OTHER_PROXY_DEAD),
        ([(1, "haproxy", "STOP")], None),
        ([(0, "kube-apiserver", "KILL")], None),  # until haproxy has it out
        ([(1, "etcd", "KILL")], None),
    ],
)
def test_in_which_state_a_simulated_chain_is(deeds, state):
    w = world(tried(profile(check=OWN_CHECK), *ALL))
    for place, process, name in deeds:
        w.machines[place].signal(process, name)
    owns = 0 in w.owners
    found = went(w, 0, w.nodes[0].tracks[0])
    assert (found and (found.state, found.owns)) == (state and (state, owns))


def test_once_a_dead_apiserver_is_out_that_state_is_known():
    w = world(tried(profile(check=OWN_CHECK), *ALL))
    w.machines[0].signal("kube-apiserver", "KILL")
    w.kernel.run(w.kernel.now + 30)
    found = went(w, 0, w.nodes[0].tracks[0])
    assert found and found.state is State.DEAD
