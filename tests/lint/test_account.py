import dataclasses

import pytest

from harness import assets
from harness.lint.account import account
from harness.lint.examine import examine
from harness.lint.reading import of_profile, read
from harness.profile import folder as profiles
from harness.profile.files import HAPROXY, KEEPALIVED
from harness.verdict import Shown, Symptom
from tests.lint.files import HAPROXY as PROXY
from tests.lint.files import made


def changed(name: str, path: str, before: str, after: str, only: str = ""):
    """Return what lint reads of a shipped profile with one thing changed on every node, or on one."""
    plain = profiles.load(profiles.find(name, assets.PROFILES))
    files = {
        node: [
            dataclasses.replace(f, text=f.text.replace(before, after)) if f.path == path and only in ("", node) else f
            for f in group
        ]
        for node, group in plain.files.items()
    }
    assert files != plain.files
    return of_profile(profiles.changed(plain, files))


@pytest.mark.parametrize("profile", ["article", "kubeadm", "article-priority-99"])
def test_a_profile_in_memory_is_read_as_its_folder_is(profile):
    folder = profiles.find(profile, assets.PROFILES)
    assert examine(of_profile(profiles.load(folder))) == examine(read([folder]))


def test_a_check_that_is_outweighed_accounts_for_a_vip_that_its_owner_keeps():
    setup = of_profile(profiles.load(profiles.find("article-priority-99", assets.PROFILES)))
    found = account(setup, Shown(Symptom.VIP_OUTBID, "m1", "haproxy"))
    assert [(r.rule, r.path.rsplit("/", 2)[-2], r.line) for r in found] == [
        ("K01", "m1", 8),
        ("K01", "m2", 8),
        ("K01", "m3", 8),
    ]
    assert "m1 still advertises 110, and the best of the others, m2, has 101" in found[0].message
    assert found[0].fix is not None and found[0].fix.strip() == "weight 12"


def test_it_does_not_account_for_what_nobody_noticed_nor_for_another_node():
    setup = of_profile(profiles.load(profiles.find("article-priority-99", assets.PROFILES)))
    assert account(setup, Shown(Symptom.VIP_UNNOTICED, "m1", "haproxy")) == []
    assert account(setup, Shown(Symptom.VIP_OUTBID, "m3", "haproxy")) == []
    assert account(setup, Shown(Symptom.BACKEND_KEPT, "m1", "haproxy")) == []


def test_a_script_that_is_not_there_accounts_for_what_its_own_node_did_not_notice():
    setup = changed("article", KEEPALIVED, "        check_haproxy\n", "        chek_haproxy\n", only="m1")
    assert {r.rule for r in account(setup, Shown(Symptom.VIP_UNNOTICED, "m1", "haproxy"))} == {"K07", "K12"}
    assert account(setup, Shown(Symptom.VIP_UNNOTICED, "m2", "haproxy")) == []


def test_a_server_without_check_accounts_for_a_backend_that_stayed():
    setup = changed("article", HAPROXY, " check", "")
    assert {r.rule for r in account(setup, Shown(Symptom.BACKEND_KEPT, "m2", "kube-apiserver", "master"))} == {"H01"}


def test_another_server_without_check_or_another_nodes_file_is_none_of_its_reasons(tmp_path):
    setup = changed(
        "article", HAPROXY, "6443 check maxconn 2000\n    server master2", "6443 maxconn 2000\n    server master2"
    )
    kept = {b: account(setup, Shown(Symptom.BACKEND_KEPT, "m2", backend=b)) for b in ("master", "master1", "master2")}
    assert {backend: len(found) for backend, found in kept.items()} == {"master": 0, "master1": 1, "master2": 0}
    made(tmp_path)
    (tmp_path / "m2/haproxy.cfg").write_text(PROXY.replace("default-server check ", "default-server "))
    (tmp_path / "m3/haproxy.cfg").write_text(PROXY)
    own = read([tmp_path])
    assert [r.path for r in account(own, Shown(Symptom.BACKEND_KEPT, "m2", "", "m1"))] == [f"{tmp_path}/m2/haproxy.cfg"]
    assert account(own, Shown(Symptom.BACKEND_KEPT, "m3", "", "m1")) == []


def test_of_two_checks_only_the_one_that_sees_what_failed_is_the_reason(tmp_path):
    other = 'vrrp_script check_haproxy {\n    script "/usr/bin/pgrep haproxy"\n    interval 2\n    weight -2\n}\n'
    both = [("*/keepalived.conf", "weight -20", "weight -2"), ("*check.sh", "8443/livez", "6443/livez")]
    both += [("*/keepalived.conf", "vrrp_instance", f"{other}vrrp_instance")]
    both += [("*/keepalived.conf", "        check_apiserver\n", "        check_apiserver\n        check_haproxy\n")]
    made(tmp_path, *both)
    setup = read([tmp_path])
    for process, script in (("haproxy", "check_haproxy"), ("kube-apiserver", "check_apiserver")):
        (reason,) = account(setup, Shown(Symptom.VIP_OUTBID, "m1", process))
        assert f"when {script} fails" in reason.message


def test_a_node_that_does_not_take_over_is_no_reason_for_its_own_keeping_the_vip(tmp_path):
    made(tmp_path, *((f"m{n}/keepalived.conf", "state BACKUP", "state BACKUP\n    nopreempt") for n in (1, 2, 3)))
    found = account(read([tmp_path]), Shown(Symptom.VIP_OUTBID, "m1", "kube-apiserver"))
    assert [(r.rule, r.path.split("/")[-2]) for r in found] == [("K02", "m2"), ("K02", "m3")]


def test_a_sound_profile_accounts_for_nothing():
    setup = of_profile(profiles.load(profiles.find("article", assets.PROFILES)))
    assert [account(setup, Shown(symptom, "m1", "haproxy")) for symptom in Symptom] == [[], [], []]
