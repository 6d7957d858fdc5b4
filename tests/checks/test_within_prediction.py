from dataclasses import replace

import msgspec
import pytest

from harness.analysis.measure import measure
from harness.analysis.predicted import annotate
from harness.checks import WithinPrediction
from harness.checks.judge import judge
from harness.checks.within_prediction import Compared, judged
from harness.clock import Bounds, at_least
from harness.events import HaproxyServer, HaproxySocket
from harness.verdict import Outcome, Within
from tests.drawn import BACKENDS, Drawn, crash_of_owner, ns
from tests.predict.made import profile


def found(drawn, made=None):
    history = drawn.history()
    measures = measure(history, BACKENDS)
    annotate(measures, history, made or profile())
    return [f for f in judge(history, measures, [WithinPrediction()]) if f.check != "Validity"]


def crash(vip_after_s: float) -> Drawn:
    d = Drawn()
    d.starts(0, "client", "prober")
    d.vip(-5, "m1")
    d.crash(3, "m1")
    d.vip(3 + vip_after_s, "m2")
    d.probes(0, 3)
    d.probes(3, 3 + vip_after_s + 0.01, error="connect_timeout", took_s=1.0)
    d.probes(3 + vip_after_s + 0.01, 30)
    d.summary(30.1)
    return d


def kill(heal_s: float = 14.0) -> Drawn:
    d = Drawn()
    d.starts(0, "client", "prober")
    d.vip(-5, "m1")
    d.process(-5, "m1", "haproxy")
    d.kill(3, "m1", "haproxy")
    d.process(3.0005, "m1", "haproxy", alive=False)
    d.probes(0, 3)
    d.probes(3, heal_s, error="refused", took_s=0.001)
    d.heal(heal_s, "m1")
    d.process(heal_s + 0.05, "m1", "haproxy", pid=8)
    d.event(heal_s + 0.06, "m1", HaproxySocket(path="/s", answering=True))
    d.probes(heal_s + 0.1, 30)
    d.summary(30.1)
    return d


def test_a_trial_inside_its_intervals_passes_and_says_how_many_figures_it_had():
    (finding,) = found(crash_of_owner())
    assert finding.outcome is Outcome.PASSED
    assert finding.message.endswith("figures compared with what was predicted, none outside")
    assert int(finding.message.split()[0]) > 12


def test_slower_than_its_own_timers_fails():
    told = {f.message: f for f in found(crash(7.1))}
    text = "VIP migration after NodeCrash on m1 is slower than its own timers allow: 7.099–7.100 s, predicted 2.57–3.57"
    matching = [f for m, f in told.items() if m.startswith("VIP migration")]
    assert [f.outcome for f in matching] == [Outcome.FAILED], told
    assert matching[0].message in (text, text.replace("7.099–7.100", "7.100"))
    assert matching[0].budget == pytest.approx(3.566406 + 0.2)


def test_a_little_late_is_not_slower():
    assert [f.outcome for f in found(crash(3.566 + 0.19))] == [Outcome.PASSED]
    assert Outcome.FAILED in {f.outcome for f in found(crash(3.566 + 0.21))}


def test_faster_than_theory_is_inconclusive():
    outcomes = {f.message.split(" after ")[0]: (f.outcome, f.message) for f in found(crash(1.2))}
    outcome, text = outcomes["VIP migration"]
    assert outcome is Outcome.INCONCLUSIVE
    assert text.endswith("predicted 2.57–3.57: the theory or the measurement is wrong")
    assert "faster than theory" in text


def test_never_and_it_did_not_is_as_predicted():
    (finding,) = found(kill(), profile("article-priority-99"))
    assert finding.outcome is Outcome.PASSED


def test_a_move_that_ought_not_to_be_is_a_finding():
    d = kill()
    d.vip(8, "m2")
    texts = [f.message for f in found(d, profile("article-priority-99")) if f.outcome is Outcome.INCONCLUSIVE]
    assert (
        "VIP migration after ProcessKill on m1: 5.000 s, predicted never: the theory or the measurement is wrong"
        in [t.replace("4.999–5.000", "5.000") for t in texts]
    )


def test_a_vip_that_strays_from_a_node_that_nothing_befell_is_a_finding():
    d = Drawn()
    d.starts(0, "client", "prober")
    d.vip(-5, "m1")
    d.kill(3, "m2", "kube-apiserver")
    d.vip(5, "m3")
    d.probes(0, 20)
    d.summary(20.1)
    told = [f.message for f in found(d) if f.message.startswith("VIP migration")]
    assert told == [
        "VIP migration after ProcessKill on m2: 0 s, predicted never: the theory or the measurement is wrong"
    ]


def test_a_blackout_that_ends_before_healing_is_a_finding():
    d = kill(heal_s=20)
    d.probes(9, 9.5)
    texts = [f.message for f in found(d, profile("article-priority-99"))]
    assert any(t.startswith("blackout after ProcessKill") and "predicted until healed" in t for t in texts)


def test_a_vip_that_never_moved_though_it_should_have_is_slower():
    texts = {f.message: f.outcome for f in found(kill())}
    (told,) = [t for t in texts if t.startswith("VIP migration")]
    assert told.endswith("is slower than its own timers allow: ≥ 10.999 s, predicted 2.57–6.57")
    assert texts[told] is Outcome.FAILED


def test_an_eviction_that_is_late_names_backend_and_haproxy():
    d = crash_of_owner()
    late = ns(18 - 13.9)
    (down,) = d.history().of(HaproxyServer, "m3", status="DOWN")
    assert down.data.previous_poll_ns is not None
    row = replace(down.data, previous_poll_ns=down.data.previous_poll_ns + late)
    d.events = [e for e in d.events if e != down] + [msgspec.structs.replace(down, t_ns=down.t_ns + late, data=row)]
    (finding,) = found(d)
    assert finding.message.startswith("eviction of master by m3 after NodeCrash on m1 is slower than its own timers")
    assert finding.message.endswith("14.979–15.000 s, predicted 10–12")


def test_a_trial_in_doubt_is_not_compared():
    (finding,) = found(crash_of_owner(late_ms=90))
    assert finding.outcome is Outcome.INCONCLUSIVE
    assert finding.message == "not compared with what was predicted: the figures are in doubt"


@pytest.mark.parametrize(
    ("measured", "outcome"),
    [(at_least(19.5), None), (5.0, None), (14.0, Outcome.FAILED), (Bounds(0.1, 0.2), Outcome.INCONCLUSIVE)],
)
def test_what_may_be_or_never_come_is_as_predicted_either_way(measured, outcome):
    told = judged("WithinPrediction", Compared("VIP migration", measured, Within(0.7, 12.4, "never"), 19.5), 0.2)
    assert (told and told.outcome) == outcome
    assert told is None or "predicted 0.7–12.4 or never" in told.message


def test_what_may_last_until_healed_is_as_predicted_if_it_does():
    within = Within(0.7, 12.4, "until healed")
    for measured, inside in ((20.0, True), (at_least(20.0), True), (15.0, False)):
        assert (judged("WithinPrediction", Compared("blackout", measured, within, 19.5), 0.2) is None) is inside


@pytest.mark.parametrize(("green_s", "texts"), [(3.5, 0), (8.0, 1)])
def test_without_a_quorum_apiservers_call_themselves_ready_for_a_while_and_no_longer(green_s, texts):
    d = Drawn()
    d.starts(0, "client", "prober")
    d.vip(-5, "m1")
    d.crash(3, "m2", index=0)
    d.crash(10, "m3", index=1)
    d.heal(30, "m3", index=1)
    d.probes(0, 10 + green_s)
    d.probes(10 + green_s, 30.2, error="5xx", took_s=0.01)
    d.probes(30.2, 40)
    d.summary(40.1)
    assert sum(one.message.startswith("blackout after NodeCrash on m3") for one in found(d)) == texts
