"""What holds in every chain, whatever is done to it."""

from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from harness import assets
from harness.chain import compile as chains
from harness.chain import numbers
from harness.faults.process import ProcessKill
from harness.predict.timers import Timers
from harness.profile.files import KEEPALIVED
from harness.profile.folder import changed, find, load
from harness.simulate.assumed import QUIET_LAB
from harness.simulate.measures import Key
from harness.simulate.record import Answer
from harness.simulate.simulate import simulate
from harness.simulate.vrrp import State
from harness.simulate.world import World
from harness.steps import Hold, Inject
from tests.simulate.chains import EXACT, NODE, OWNER, TRACK, balancer, chain

ALWAYS = st.just(True)
tracks = st.builds(
    lambda interval_s, fall, rise, weight: replace(
        TRACK, interval_s=float(interval_s), fall=fall, rise=rise, weight=weight
    ),
    *(st.integers(1, 5), st.integers(1, 4), st.integers(1, 4), st.integers(-60, 60)),
)


@st.composite
def random_chains(draw, preempts=ALWAYS):
    """3 or 5 nodes with priorities, scripts and adverts of all kinds, VRRP as RFCs allow it."""
    count = draw(st.sampled_from([3, 5]))
    version = draw(st.sampled_from([2, 3]))
    advert_int_s = draw(st.sampled_from([1.0, 2.0] if version == 2 else [0.1, 0.5, 1.0]))
    scripts = tuple(draw(st.lists(tracks, max_size=2)))
    priorities = draw(st.lists(st.integers(60, 190), min_size=count, max_size=count))
    through = balancer(count)
    return numbers.Numbers(
        tuple(
            replace(NODE, name=f"m{n}", address=(10, 0, 0, n), priority=priority, version=version,
                    advert_int_s=advert_int_s, tracks=scripts, balancer=through, preempts=draw(preempts))
            for n, priority in enumerate(priorities, 1)
        )
    )  # fmt: skip


def calm(world, seconds=80.0):
    """Let everything settle: the slowest script, an election, every check."""
    world.kernel.run(world.kernel.now + seconds)


def effective(world):
    return [router.node.rested for router in world.routers]


@settings(max_examples=60)
@given(random_chains(), st.integers(0, 1000))
def test_left_alone_a_steady_chain_stays_as_it_is(of, seed):
    world = World(of, QUIET_LAB, Random(seed))
    assert world.steady
    calm(world, 30)
    assert world.steady
    assert len(world.record.vips) == 1 and not world.record.servers and len(world.record.views) == 1
    assert effective(world)[world.owners[0]] == max(effective(world))


DEEDS = st.tuples(
    st.sampled_from(["KILL", "TERM", "STOP", "CONT", "start", "off", "on", "freeze", "thaw"]),
    st.integers(0, 4),
    st.sampled_from(["etcd", "kube-apiserver", "haproxy", "keepalived"]),
    st.floats(0, 12),
)


@settings(max_examples=120)
@given(random_chains(preempts=st.booleans()), st.lists(DEEDS, max_size=8), st.integers(0, 1000))
def test_whatever_was_done_once_healed_there_is_one_owner_and_the_chain_is_whole(of, deeds, seed):
    world = World(of, QUIET_LAB, Random(seed))
    frozen: set[int] = set()
    for deed, number, process, wait_s in deeds:
        machine = world.machines[number % len(world.machines)]
        match deed:
            case "start":
                machine.start(process)
            case "off":
                machine.cut_off()
            case "on" if not machine.on and machine.place not in frozen:
                machine.power_on()
            case "freeze" if machine.on:
                machine.freeze()
                frozen.add(machine.place)
            case "thaw" if machine.place in frozen:
                machine.thaw()
                frozen.discard(machine.place)
            case "KILL" | "TERM" | "STOP" | "CONT":
                machine.signal(process, deed)
        world.kernel.run(world.kernel.now + wait_s)
    for machine in world.machines:
        if machine.place in frozen:
            machine.thaw()
        elif not machine.on:
            machine.power_on()
        for process in machine.processes:
            machine.signal(process, "CONT")
            machine.start(process)
    calm(world)
    assert world.steady, [(r.state, r.has_vip, world.machines[r.place].up) for r in world.routers]
    best = effective(world)
    (owner,) = world.owners
    others = [router for router in world.routers if router.place != owner]
    # Who preempts has nobody stronger above it; who does not may have to wait.
    assert all(best[router.place] <= best[owner] for router in others if router.node.preempts)
    assert world.reached == owner
    assert world.record.views[-1][1].front.name == "SERVES"


@settings(max_examples=60)
@given(random_chains(), st.integers(0, 1000))
def test_the_strongest_of_those_left_takes_over(of, seed):
    world = World(of, QUIET_LAB, Random(seed))
    calm(world, 5)
    (owner,) = world.owners
    world.machines[owner].cut_off()
    calm(world, 20)
    best = effective(world)
    (new,) = world.owners
    assert best[new] == max(value for place, value in enumerate(best) if place != owner)
    assert [r.state for r in world.routers if world.machines[r.place].on].count(State.MASTER) == 1


@settings(max_examples=80)
@given(st.tuples(*[st.integers(1, 254)] * 3), st.integers(-40, 40), st.integers(0, 100))
def test_the_vip_moves_where_the_timers_say_so_and_nowhere_else(priorities, weight, seed):
    plain = load(find("article", assets.PROFILES))
    files = {
        node: [replace(f, text=written(f, priority, weight)) for f in group]
        for (node, group), priority in zip(plain.files.items(), priorities, strict=True)
    }
    profile = changed(plain, files)
    samples = simulate(chains.of(profile), [Inject(ProcessKill("haproxy", OWNER)), Hold(12)], 2, seed, processes=1)
    for owner, migration in zip(samples.struck[0].elements(), samples.values[Key(0, "vip_migration_s")], strict=True):
        assert (migration < float("inf")) is Timers(profile).moves(owner)


def written(file, priority, weight):
    if file.path != KEEPALIVED:
        return file.text
    lines = file.text.splitlines()
    words = {"priority": f"priority {priority}", "weight": f"weight {weight}"}
    return "\n".join(words.get(line.split()[0], line) if line.split() else line for line in lines)


def test_an_apiserver_that_boots_refuses_for_as_long():
    world = World(replace(chain(110, 109, 108), apiserver_boot_s=6.0), EXACT, Random(1))
    world.machines[1].signal("kube-apiserver", "KILL")
    world.machines[1].start("kube-apiserver")
    world.kernel.run(5.9)
    assert world.answers[1:] == [Answer.REFUSES, Answer.SERVES]
    world.kernel.run(6.3)
    assert world.answers[1:] == [Answer.SERVES] * 2
