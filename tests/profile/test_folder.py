import shutil
from pathlib import Path

import pytest

from harness import assets
from harness.errors import ProfileError, UsageError
from harness.profile.folder import find, load, shipped
from harness.profile.record import record, restored

OPERATOR = Path(__file__).parent.parent / "operator"


def test_the_article_is_read_whole():
    article = load(find("article", assets.PROFILES))
    assert [article.instances[n][0].priority for n in ("m1", "m2", "m3")] == [110, 109, 108]
    assert article.backends == {"master": "m1", "master1": "m2", "master2": "m3"}
    script = next(f for f in article.files["m2"] if f.path == "/opt/keepalived-check/haproxy.sh")
    assert script.mode == 0o755


@pytest.mark.parametrize("name", [p.name for p in shipped(assets.PROFILES)])
def test_every_shipped_profile_is_read_byte_for_byte(name):
    folder = assets.PROFILES / name
    profile = load(folder)
    assert set(profile.facts.nodes) >= set(profile.files) and profile.facts.summary
    for node, group in profile.files.items():
        for file in group:
            source = Path(file.source)
            assert source.read_text() == file.text, (node, file.path)


def test_an_operators_folder_needs_no_word_more():
    mine = load(OPERATOR)
    assert str(mine.facts.vip) == "10.17.134.5" and str(mine.facts.subnet) == "10.17.134.0/24"
    assert mine.facts.interfaces == {"m1": "bond0", "m2": "eth4", "m3": "eth4"}
    assert [str(a) for a in mine.facts.nodes.values()] == ["10.17.134.101", "10.17.134.102", "10.17.134.103"]
    assert (mine.front, mine.facts.port, mine.facts.apiserver_port) == ("haproxy", 8443, 6443)
    assert mine.backends == {"master": "m1", "master1": "m2", "master2": "m3"}


@pytest.mark.parametrize(
    ("name", "front", "port", "behind"),
    [("keepalived-only", "kube-apiserver", 6443, 0), ("nginx", "nginx", 8443, 3), ("article", "haproxy", 8443, 3)],
)
def test_what_answers_on_the_vip_follows_from_the_files(name, front, port, behind):
    profile = load(assets.PROFILES / name)
    assert (profile.front, profile.facts.port, len(profile.backends)) == (front, port, behind)
    assert set(profile.backends.values()) == (set(profile.facts.nodes) if behind else set())


def test_one_keepalived_conf_serves_as_many_nodes_as_there_are_servers(tmp_path):
    shutil.copy(OPERATOR / "m1/keepalived.conf", tmp_path)
    text = (OPERATOR / "haproxy.cfg").read_text()
    more = "    server m4 10.17.134.104:6443 check\n    server m5 10.17.134.105:6443 check\n"
    (tmp_path / "haproxy.cfg").write_text(text + more)
    profile = load(tmp_path)
    assert list(profile.facts.nodes) == ["m1", "m2", "m3", "m4", "m5"]
    assert str(profile.facts.nodes["m5"]) == "10.17.134.105"


def test_a_node_may_have_files_of_its_own(tmp_path):
    shutil.copytree(OPERATOR, tmp_path / "mine")
    own = tmp_path / "mine/m2/opt/keepalived-check/haproxy.sh"
    own.parent.mkdir(parents=True)
    own.write_text("#!/bin/sh\nexit 0\n")
    own.chmod(0o755)
    profile = load(tmp_path / "mine")
    assert profile.text("m2", "/opt/keepalived-check/haproxy.sh") == own.read_text()
    assert "killall" in profile.text("m1", "/opt/keepalived-check/haproxy.sh")


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("10.17.134.102:6443", "10.17.99.102:6443", None),  # still one /16
        ("10.17.134.102:6443", "10.99.134.102:6443", "are not in one subnet"),
        (
            "10.17.134.102:6443",
            "10.17.134.102:6443\n  server six 2001:db8::1:6443",
            "2001:db8::1 is of another family than 10.17.134.0/24, and may be a second address",
        ),
        (
            "10.17.134.102:6443",
            "master1.example.com:6443",
            r"no file tells m2's address; say it in .*\n\[nodes\]\nm2 = ",
        ),
    ],
)
def test_addresses_that_cannot_be_are_refused_with_the_remedy(tmp_path, before, after, says):
    shutil.copytree(OPERATOR, tmp_path / "mine")
    file = tmp_path / "mine/haproxy.cfg"
    file.write_text(file.read_text().replace(before, after))
    if says is None:
        assert load(tmp_path / "mine").facts.subnet.prefixlen == 16
    else:
        with pytest.raises(ProfileError, match=says):
            load(tmp_path / "mine")


def test_an_address_outside_the_stated_subnet_is_refused(tmp_path):
    shutil.copytree(OPERATOR, tmp_path / "mine")
    (tmp_path / "mine/profile.toml").write_text('subnet = "10.17.134.0/26"\n')
    with pytest.raises(ProfileError, match=r"m1's address 10\.17\.134\.101 is outside the subnet 10\.17\.134\.0/26"):
        load(tmp_path / "mine")


def test_a_record_gives_the_profile_back():
    before = load(OPERATOR)
    after = restored(record(before, before))
    assert (after.files, after.facts, after.front, after.servers) == (
        before.files,
        before.facts,
        before.front,
        before.servers,
    )


def test_an_unknown_profile_gets_the_nearest_name():
    with pytest.raises(UsageError, match="did you mean 'article'"):
        find("articel", assets.PROFILES)


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("profile.toml", "summary = 3\n", "profile.toml: summary"),
        ("profile.toml", "a = \n", "profile.toml: .*line 1"),
        ("m2/keepalived.conf", "vrrp_instance A {\n", "keepalived.conf:1: .*vrrp_instance A has no virtual_router_id"),
        ("m2/keepalived.conf", "global_defs {\n}\n", "m2/keepalived.conf:1: no vrrp_instance"),
        ("haproxy.cfg", "global\n", "haproxy.cfg:1: no backend"),
        ("profile.toml", "apiserver_boot_s = -1\n", "profile.toml: apiserver_boot_s: "),
        ("profile.toml", 'intreface = "bond0"\n', "profile.toml: intreface: "),
    ],
)
def test_a_broken_profile_is_refused_with_file_and_line(tmp_path, file, text, says):
    folder = tmp_path / "mine"
    shutil.copytree(assets.PROFILES / "article", folder)
    (folder / file).write_text(text)
    with pytest.raises(ProfileError, match=says):
        load(folder)


def test_a_missing_file_is_said(tmp_path):
    """Nodes by the name of masters are taken to be those of their numbers; of others it is asked."""
    folder = tmp_path / "mine"
    shutil.copytree(assets.PROFILES / "article", folder)
    (folder / "m3/keepalived.conf").unlink()
    found = load(folder)
    assert found.facts.lbs == ["m1", "m2"] and len(found.facts.masters) == 3
    assert found.remarks[0].startswith("by their numbers m1 is ") and "no keepalived" in found.remarks[0]
    for node in ("m1", "m2"):
        (folder / node).rename(folder / f"host-{node}-x")
    with pytest.raises(
        ProfileError, match="keepalived.conf for host-m1-x, host-m2-x, but 3 servers .* needs a keepalived.conf"
    ):
        load(folder)


def test_every_node_s_proxy_serves_at_the_first_one_s_port(tmp_path):
    shutil.copytree(OPERATOR, tmp_path / "mine")
    text = (tmp_path / "mine/haproxy.cfg").read_text()
    other = (
        "frontend other\n    bind *:443\n    default_backend other\nbackend other\n    server o 10.17.134.101:6443\n"
    )
    (tmp_path / "mine/m2/haproxy.cfg").write_text(f"{other}\n{text}")
    found = load(tmp_path / "mine")
    assert found.facts.port == 8443
    assert [s.name for s in found.servers["m2"]] == [s.name for s in found.servers["m1"]]
