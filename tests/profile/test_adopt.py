"""A profile's folder made of files as they lie about says the same as they do."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.profile.adopt import adopt
from harness.profile.folder import load
from harness.profile.layout import lay
from tests.profile.test_layout import CHECK, HAPROXY, LAYOUTS, MANIFEST, conf, indented, written

CASES = Path(__file__).parents[1] / "cases"


def adopted(*paths: Path, to: Path) -> dict[str, str]:
    """Return what each file was taken for, by its name from the paths' own folder on."""
    return dict(adopt(lay(paths), to))


@pytest.mark.parametrize("layout", ["as-on-the-hosts", "fqdn", "on-a-host"])
def test_a_case_s_layout_means_the_same_once_adopted(tmp_path, layout):
    before = load(CASES / "f16-layouts" / layout)
    adopted(CASES / "f16-layouts" / layout, to=tmp_path / "mine")
    after = load(tmp_path / "mine")
    assert after.facts.nodes == before.facts.nodes and after.facts.port == before.facts.port
    for node, group in before.files.items():
        assert {(f.path, f.text, f.mode) for f in group} == {(f.path, f.text, f.mode) for f in after.files[node]}


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_is_copied_whole(tmp_path, name):
    files, _ = LAYOUTS[name]
    before = lay([written(tmp_path / "theirs", files)])
    told = adopted(tmp_path / "theirs", to=tmp_path / "mine")
    assert len(told) == len(files) and not any(what.startswith("left") for what in told.values())
    after = lay([tmp_path / "mine"], {})
    for node in before.nodes.own:
        assert {(f.path, f.text) for f in before.files(node)} == {(f.path, f.text) for f in after.files(node)}


def test_it_says_what_it_took_for_what_and_what_it_left(tmp_path, monkeypatch):
    files = {"cp1/etc/keepalived/keepalived.conf": conf(), "cp2/etc/keepalived/keepalived.conf": conf()}
    files |= {"haproxy.cfg": HAPROXY, "notes.txt": "hello\n", "cp1/etc/keepalived/check.sh": CHECK}
    monkeypatch.chdir(written(tmp_path, files))
    assert adopted(Path("."), to=Path("mine")) == {
        "cp1/etc/keepalived/check.sh": "cp1's program /etc/keepalived/check.sh: mine/cp1/etc/keepalived/check.sh",
        "cp1/etc/keepalived/keepalived.conf": "cp1's keepalived.conf: mine/cp1/keepalived.conf",
        "cp2/etc/keepalived/keepalived.conf": "cp2's keepalived.conf: mine/cp2/keepalived.conf",
        "haproxy.cfg": "every node's haproxy.cfg: mine/haproxy.cfg",
        "notes.txt": "left: neither a daemon's configuration nor a program, by what it holds",
    }


def test_several_hosts_folders_and_a_file_are_one_profile(tmp_path):
    files = {f"dump/{n}/etc/keepalived/keepalived.conf": conf() for n in ("cp1", "cp2")} | {"x/lb.conf": HAPROXY}
    written(tmp_path, files)
    adopted(tmp_path / "dump/cp1/etc", tmp_path / "dump/cp2/etc", tmp_path / "x/lb.conf", to=tmp_path / "mine")
    assert load(tmp_path / "mine").facts.lbs == ["cp1", "cp2"]


def test_a_config_map_s_files_become_files(tmp_path):
    text = MANIFEST.format(conf=indented(conf(101)), check=indented(CHECK))
    written(tmp_path / "theirs", {"keepalived.yaml": text, "haproxy.cfg": HAPROXY})
    told = adopted(tmp_path / "theirs", to=tmp_path / "mine")
    assert (tmp_path / "mine/keepalived.conf").read_text() == conf(101).lstrip("\n")
    assert (tmp_path / "mine/etc/keepalived/check.sh").read_text() == CHECK
    assert len(told) == 2


def test_profile_toml_comes_along(tmp_path):
    adopted(CASES / "f22-names-ipv6-two-vips", to=tmp_path / "mine")
    assert load(tmp_path / "mine").backends == {"cp1": "m1", "cp2": "m2", "cp3": "m3"}


def test_a_folder_that_exists_is_left_alone(tmp_path):
    with pytest.raises(UsageError, match="exists already"):
        adopted(CASES / "f16-layouts/fqdn", to=tmp_path)
