"""Every file that was given is listed: what it was read as, or why it was left."""

from __future__ import annotations

import json
from pathlib import Path

from harness.lint import render
from harness.lint.examine import examine
from harness.lint.listing import Findings, Listed, Listing, of
from harness.lint.reading import read
from harness.report.linted import page
from tests.lint.files import made
from tests.report.pages import piped

MANAGER = "etc/kubernetes/manifests/kube-controller-manager.yaml"


def listing(*paths: Path) -> Listing:
    return of(list(paths), read(list(paths)))


def told(found: Listing, folder: Path) -> dict[str, str]:
    return {str(Path(f.path).relative_to(folder)): f.left or f.read_as for f in found.files}


def test_a_profile_s_files_are_read_as_what_they_are(tmp_path: Path) -> None:
    made(tmp_path)
    found = listing(tmp_path)
    assert told(found, tmp_path) == {
        "m1/keepalived.conf": "keepalived.conf of m1",
        "m2/keepalived.conf": "keepalived.conf of m2",
        "m3/keepalived.conf": "keepalived.conf of m3",
        "haproxy.cfg": "haproxy.cfg of m1, m2, m3",
        "etc/keepalived/check.sh": "/etc/keepalived/check.sh",
        MANAGER: f"/{MANAGER}",
    }
    assert (found.left, found.words, found.scripts) == ([], 0, 0)


def test_what_is_left_says_why(tmp_path: Path) -> None:
    made(tmp_path)
    (tmp_path / "README.md").write_text("Ours\n")
    (tmp_path / "nginx.conf.j2").write_text("stream {\n  {{ upstream }}\n}\n")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/config").write_text("x\n")
    left = {Path(f.path).name: f.left for f in listing(tmp_path).left}
    assert left == {
        "README.md": "neither a daemon's configuration nor a program, by what it holds",
        "nginx.conf.j2": "line 2: a template: render it first",
    }


def test_included_files_are_a_part(tmp_path: Path) -> None:
    more = tmp_path / "etc/keepalived/conf.d/more.conf"
    more.parent.mkdir(parents=True)
    more.write_text('vrrp_script other {\n    script "/usr/bin/pgrep haproxy"\n}\n')
    made(tmp_path, ("m1/keepalived.conf", "global_defs {", "include conf.d/*.conf\nglobal_defs {"))
    assert told(listing(tmp_path), tmp_path)["etc/keepalived/conf.d/more.conf"] == "part of the keepalived.conf of m1"


def test_single_files_are_listed_too(tmp_path: Path) -> None:
    made(tmp_path)
    found = listing(tmp_path / "m1/keepalived.conf", tmp_path / "haproxy.cfg")
    assert [f.read_as for f in found.files] == ["keepalived.conf of m1", "haproxy.cfg"]


def test_what_is_not_understood_is_counted(tmp_path: Path) -> None:
    made(
        tmp_path, ("*check.sh", "curl", "/usr/local/bin/own-check"), ("m1/keepalived.conf", "fall 2", "fal 2\nraise 1")
    )
    found = listing(tmp_path)
    assert (found.words, found.scripts) == (2, 3)


def test_nothing_is_never_said_alone_where_something_was_left() -> None:
    files = [Listed("a/haproxy.cfg", "haproxy.cfg of m1"), Listed("README.md", left="documentation")]
    assert piped(page(Findings([], Listing(files[:1]))))[-1] == "nothing to object to"
    lines = piped(page(Findings([], Listing(files, 2, 1))))
    assert lines == [
        "read",
        "  a/haproxy.cfg  haproxy.cfg of m1",
        "left",
        "  README.md      documentation",
        "",
        "nothing else to object to: 1 file left, 2 words not known to keepalived, 1 script not understood",
    ]


def test_json_carries_the_same(tmp_path: Path) -> None:
    made(tmp_path)
    (tmp_path / "README.md").write_text("Ours\n")
    setup = read([tmp_path])
    said = json.loads(render.json(Findings(examine(setup), of([tmp_path], setup))))
    assert said["findings"] == []
    assert said["not_understood"] == {"words": 0, "scripts": 0}
    assert {"path": str(tmp_path / "m1/keepalived.conf"), "read_as": "keepalived.conf of m1"} in said["files"]
    assert [f["left"] for f in said["files"] if "left" in f] == [
        "neither a daemon's configuration nor a program, by what it holds"
    ]
