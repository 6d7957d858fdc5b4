import ipaddress
import shutil

import pytest

from harness import assets
from harness.errors import ProfileError, UsageError
from harness.profile.folder import HAPROXY, KEEPALIVED, find, load, moved


def test_the_article_is_read_whole():
    article = load(find("article", assets.PROFILES))
    assert [article.instances[n][0].priority for n in ("m1", "m2", "m3")] == [110, 109, 108]
    assert article.backends == {"master": "m1", "master1": "m2", "master2": "m3"}
    script = next(f for f in article.files["m2"] if f.path == "/opt/keepalived-check/haproxy.sh")
    assert script.mode == 0o755


@pytest.mark.parametrize("name", ["article", "kubeadm"])
def test_a_moved_profile_speaks_of_the_new_network_only(name):
    there = moved(load(find(name, assets.PROFILES)), ipaddress.IPv4Network("198.19.7.0/24"))
    assert str(there.facts.vip) == "198.19.7.100"
    assert all("198.18.0." not in there.text(n, p) for n in there.files for p in (KEEPALIVED, HAPROXY))
    assert set(there.backends.values()) == {"m1", "m2", "m3"}


def test_an_unknown_profile_gets_the_nearest_name():
    with pytest.raises(UsageError, match="did you mean 'article'"):
        find("articel", assets.PROFILES)


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("profile.toml", "summary = 3\n", "profile.toml: summary"),
        ("profile.toml", "a = \n", "profile.toml: .*line 1"),
        ("m2/keepalived.conf", "vrrp_instance A {\n", "keepalived.conf:1: .*never closed"),
        ("m2/keepalived.conf", "global_defs {\n}\n", "m2/keepalived.conf:1: no vrrp_instance"),
        ("haproxy.cfg", "global\n", "haproxy.cfg:1: no backend"),
    ],
)
def test_a_broken_profile_is_refused_with_file_and_line(tmp_path, file, text, says):
    folder = tmp_path / "mine"
    shutil.copytree(assets.PROFILES / "article", folder)
    (folder / file).write_text(text)
    with pytest.raises(ProfileError, match=says):
        load(folder)


def test_a_missing_file_is_named(tmp_path):
    folder = tmp_path / "mine"
    shutil.copytree(assets.PROFILES / "article", folder)
    (folder / "m3/keepalived.conf").unlink()
    with pytest.raises(ProfileError, match="m3/keepalived.conf: no such file"):
        load(folder)
