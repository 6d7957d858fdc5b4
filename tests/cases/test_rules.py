"""What lint and predict say of files that people really have: what is right about them, and nothing that is false."""

from pathlib import Path

import pytest

from harness.chain import compile as chains
from harness.chain.chain import Chain
from harness.chain.failure import Kind
from harness.chain.rest import at_rest, home
from harness.clock import Bounds
from harness.errors import UsageError
from harness.lint.examine import Objection, examine
from harness.lint.reading import read
from harness.lint.rule import Severity
from harness.predict.predict import predict
from harness.profile import folder as profiles

CASES = Path(__file__).parent
# What lint finds by severity, besides remarks, and what it must not find of what is mine to say.
FOUND = {
    "f01-check-asks-haproxys-own-health-port": ("", "H07"),
    "f09-maxconn-20000": ("", "H07 K09 K29"),
    "f12-timeout-tunnel": ("", "H07"),
    "f17-timeout-wrapper-and-other-healthz": ("", "H07 K16 K17"),
    "f19-check-asks-the-apiserver": ("K18", "H07"),
    "f24-ssl-hello-chk": ("", "H02 H07 H19 K09 K29"),
    "r04-kubespray-5663-unchecked": ("H01", "H03 H09 K08"),
    "r04c-ssl-on-tcp": ("H18", "H04 H07 H09 K08"),
    "r04d-check-ssl-only": ("H01", "H09 K08"),
    "r05b-rke2-role-one-script": ("", "K06 K07 K16 K28"),
    "r06-mco-3158-fall2": ("", "H03 H04 H06 H07 H09 K09 K16 K29"),
    "r06b-mco-3158-fall3": ("", "H03 H04 H06 H07 H09 K09 K16"),
    "r07-kubeadm-2227-timeout20": ("", "H02 H05 H07 H09 H19 K06 K07 K09 K16 K28"),
    "r07b-kubeadm-2939-nofail": ("", "H02 H07 H09 H19 K06 K07 K09 K16 K28"),
    "r11-k3s-5299-two-masters": ("E01", "H07 H09 K08"),
    "r18b-installer-4643-plain": ("H02 K18", "H04 H07 H09"),
    "r21-sealos-2-no-shebang": ("K27", "H04 H07 H09 K06 K07"),
}
# Rules that are not ours to judge here: what daemons drop, and scripts that were tried.
OTHERS = {"K07", "K20", "K21", "K22", "K23", "K24", "K25", "K26", "H17"}
PLAIN, TWICE = "r18b-installer-4643-plain", "r04c-ssl-on-tcp"


def of_severity(found: list[Objection], severity: Severity) -> set[str]:
    return {f.code for f in found if f.severity is severity} - OTHERS


@pytest.mark.parametrize("case", FOUND)
def test_what_is_found_is_what_is_right_and_nothing_else(case):
    errors, warnings = (set(codes.split()) - OTHERS for codes in FOUND[case])
    found = examine(read([CASES / case]))
    assert of_severity(found, Severity.ERROR) == errors
    assert of_severity(found, Severity.WARNING) == warnings


def test_the_message_names_what_is_wrong():
    def said(case: str, code: str) -> str:
        return next(f.message for f in examine(read([CASES / case])) if f.code == code)

    assert "check-ssl does not have it checked" in said("r04d-check-ssl-only", "H01")
    assert "whether localhost:1936 answers /healthz" in said("f17-timeout-wrapper-and-other-healthz", "K17")
    assert "about 8% of such failures" in said("r06-mco-3158-fall2", "K29")
    assert "option ssl-hello-chk comes later" in said("r07-kubeadm-2227-timeout20", "H19")
    assert "has no #! line" in said("r21-sealos-2-no-shebang", "K27")


def predicted(case: str, kind: Kind, owner: bool):
    chain = Chain(profiles.load(CASES / case))
    node = home(chain) if owner else next(n for n in chain.masters if n != home(chain))
    return predict(chain, chain.fails(kind, node), at_rest(chain))


@pytest.mark.parametrize("kind", [Kind.NODE_CRASH, Kind.PROXY_DEAD, Kind.APISERVER_DEAD, Kind.ETCD_DEAD])
@pytest.mark.parametrize("owner", [True, False])
@pytest.mark.parametrize(("case", "why"), [(PLAIN, "asks in the clear"), (TWICE, "TLS in TLS")])
def test_where_nothing_works_from_the_start_nothing_is_predicted_to(case, why, kind, owner):
    measures = predicted(case, kind, owner).measures
    for name in ("blackout_s", "healing_blackout_s", "recovery_s"):
        assert measures[name].lasts and why in measures[name].why
    assert not {"first_answer_s", "client_fresh_s", "write_gap_s"} & measures.keys()


@pytest.mark.parametrize(("case", "why"), [(PLAIN, "asks in the clear"), (TWICE, "TLS in TLS")])
def test_nor_is_it_simulated(case, why):
    with pytest.raises(UsageError, match=f"{case}: no client is ever served through m1: .*{why}"):
        chains.of(profiles.load(CASES / case))


@pytest.mark.parametrize("owner", [True, False])
@pytest.mark.parametrize("kind", [Kind.NODE_CRASH, Kind.ETCD_DEAD])
def test_of_two_masters_eithers_death_is_dark_until_it_is_back(kind, owner):
    blackout = predicted("r11-k3s-5299-two-masters", kind, owner).measures["blackout_s"]
    assert blackout.lasts and "1 of etcd's 2 members is left" in blackout.why


def test_a_hello_that_nobody_answers_takes_the_checks_own_limit():
    """Seen with haproxy 2.6.12: `timeout check 4s` had the check of a server that hangs take 4001 ms."""
    evictions = predicted("f24-ssl-hello-chk", Kind.APISERVER_HUNG, False).evictions
    assert {row["eviction_s"].bounds for row in evictions.values()} == {Bounds(10.0, 12.0)}
    mute = predicted("f24-ssl-hello-chk", Kind.APISERVER_MUTE, False).evictions
    assert all(row["eviction_s"].bounds is None for row in mute.values())
