"""Public set-ups: each is read and placed, and no error is found in it that nobody has found true by hand."""

import tomllib

import pytest

from bench import corpus
from harness.lint.examine import examine
from harness.lint.reading import read
from harness.lint.rule import Severity
from harness.profile import haproxy, keepalived
from harness.profile.layout import lay
from tests.corpus import writer

SETUPS = writer.setups()
REVIEWED = tomllib.loads((writer.DATA / "reviewed.toml").read_text())
UNCLOSED = [one for one in SETUPS if not one.closed]  # a block without its end: keepalived complains and reads on


@pytest.mark.parametrize("one", SETUPS, ids=lambda one: one.name)
def test_every_error_is_one_that_was_found_true_by_hand(one, tmp_path):
    found = {f.code for f in examine(read([writer.write(one, tmp_path)])) if f.severity is Severity.ERROR}
    assert found == set(REVIEWED.get(one.name, {}))


@pytest.mark.parametrize("one", SETUPS, ids=lambda one: one.name)
def test_every_file_has_its_place_and_keeps_its_bytes(one, tmp_path):
    home = writer.write(one, tmp_path)
    layout = lay([home], {})
    placed = {placing.entry.source: placing.entry for placing in layout.placed}
    files = {str(path): path.read_text() for path in home.rglob("*") if path.is_file()}
    assert files.keys() == placed.keys() | layout.left.keys()
    assert all(layout.left.values())
    assert {source: entry.text for source, entry in placed.items()} == {source: files[source] for source in placed}
    for source, text in files.items():
        if source.endswith("keepalived.conf"):
            assert keepalived.render(keepalived.parse(text, source)) == text
        if source.endswith("haproxy.cfg"):
            assert haproxy.render(haproxy.parse(text, source)) == text


@pytest.mark.parametrize("one", UNCLOSED, ids=lambda one: one.name)
def test_a_block_that_is_never_closed_is_told_with_its_line(one, tmp_path):
    found = [f for f in examine(read([writer.write(one, tmp_path)])) if f.code == "K21"]
    assert found and all("the block `vrrp_instance VI_1` is never closed" in f.message for f in found)


def test_the_document_is_what_is_found():
    assert corpus.document() == corpus.DOCUMENT.read_text(), "write it anew: python -m bench.corpus"


def test_what_was_reviewed_is_in_the_corpus():
    assert REVIEWED.keys() <= {one.name for one in SETUPS}
    assert len({one.name for one in SETUPS}) == len(SETUPS)
    assert all(one.origin and (one.nodes or one.partial) for one in SETUPS)
