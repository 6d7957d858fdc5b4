"""Profiles made of shipped ones by changing lines, as an operator would."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from functools import cache

from harness import assets
from harness.chain.chain import Chain
from harness.chain.failure import Kind, Standing
from harness.chain.rest import at_rest
from harness.predict.interval import Predicted
from harness.predict.migration import Migration
from harness.predict.predict import predict
from harness.predict.prediction import Prediction
from harness.profile.files import HAPROXY, KEEPALIVED, NGINX, File
from harness.profile.folder import Profile, changed, find, load

Edits = Mapping[str, str]  # regular expression → what to put in its place, on every line that it fits


def profile(
    name: str = "article",
    keepalived: Edits | None = None,
    haproxy: Edits | None = None,
    check: str | None = None,
    of_node: Mapping[str, Edits] | None = None,
) -> Profile:
    """Return a shipped profile with lines changed: in every keepalived.conf, in one node's, in haproxy.cfg.

    `check` takes the place of the text of every other file, which are the check scripts.
    """
    plain = _shipped(name)
    files = {
        node: [dataclasses.replace(f, text=_changed(f, node, keepalived, haproxy, check, of_node)) for f in group]
        for node, group in plain.files.items()
    }
    return changed(plain, files)


@cache
def _shipped(name: str) -> Profile:
    return load(find(name, assets.PROFILES))


def _changed(
    file: File,
    node: str,
    keepalived: Edits | None,
    haproxy: Edits | None,
    check: str | None,
    of_node: Mapping[str, Edits] | None,
) -> str:
    text = file.text
    if file.path == KEEPALIVED:
        text = _edited(_edited(text, keepalived or {}), (of_node or {}).get(node, {}))
    elif file.path in (HAPROXY, NGINX):
        text = _edited(text, haproxy or {})
    elif check is not None:
        text = check
    return text


def _edited(text: str, edits: Edits) -> str:
    for pattern, replacement in edits.items():
        text, count = re.subn(pattern, replacement, text, flags=re.M)
        assert count, f"{pattern} fits no line"
    return text


def priorities(*values: int) -> dict[str, Edits]:
    return {f"m{number}": {r"priority \d+": f"priority {value}"} for number, value in enumerate(values, 1)}


def without_haproxy(**how) -> Profile:
    """Return a profile whose VIP leads straight to the owner's apiserver."""
    return profile("keepalived-only", **how)


def predicted(made: Profile, kind: Kind, node: str | None = None, standing: Standing | None = None) -> Prediction:
    """Return what is expected when something fails, on the VIP's owner unless another node is named."""
    chain = Chain(made)
    standing = standing or at_rest(chain)
    node = node or standing.owner
    assert node is not None
    return predict(chain, chain.fails(kind, node), standing)


def interval(found: Prediction, measure: str) -> tuple[float, float]:
    return ends(found.measures[measure])


def ends(found: Predicted) -> tuple[float, float]:
    assert found.bounds is not None, found.why
    return found.bounds.min, found.bounds.max


def median_s(found: Predicted) -> float:
    assert found.shares_s is not None
    return found.shares_s[1]


def heirs(found: Prediction) -> tuple[str, ...]:
    assert isinstance(found.move, Migration), found.move.why
    return found.move.heirs
