"""Damage stored trials and judge them: `python -m bench.mutate --trials 1000 --seed 1`.

Each must be judged and reported, or refused with one error that names a file. A traceback, or more than HANG_S, is
printed with the seed that made it; the exit code is how many there were, 100 at most.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import shutil
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from harness.errors import HarnessError
from harness.judge import judge
from harness.report import formats

EXAMPLES = Path(__file__).parent.parent / "examples"
HANG_S = 20  # a whole one is judged and drawn in less than two
THINNED = 12  # of what there are hundreds a second of, one in so many is kept
MANY = {"probe", "wire.reset", "wire.arp", "arp.probe"}
ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1 << 40,
    1 << 62,
    10**25,
    1.5,
    "",
    "x",
    "\ud83d",
    [],
    ["x"],
    {},
    {"x": 1},
)
Lines = list[dict[str, Any]]


def seeds() -> list[tuple[Lines, dict[str, Any]]]:
    """Return each example as (events, spec), thinned and numbered anew, so that a thousand take minutes."""
    return [(_thinned(path), json.loads((path.parent / "spec.json").read_text())) for path in _histories()]


def _histories() -> list[Path]:
    return sorted(EXAMPLES.rglob("history.jsonl*"))


def _thinned(path: Path) -> Lines:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt") as file:
        lines = [json.loads(line) for line in file][1:]
    kept = [line for number, line in enumerate(lines) if line["kind"] not in MANY or number % THINNED == 0]
    numbers: Counter[tuple[str, str]] = Counter()
    for line in sorted(kept, key=lambda one: one["seq"]):
        if line["seq"] == 0:
            numbers[line["node"], line["agent"]] = 0
        line["seq"] = numbers[line["node"], line["agent"]]
        numbers[line["node"], line["agent"]] += 1
    return kept


def _a_place(of: random.Random, value: Any) -> tuple[Any, Any] | None:
    """Return a container somewhere in `value` and a key of it; None where there is none."""
    while isinstance(value, dict | list) and value:
        key = of.choice(list(value)) if isinstance(value, dict) else of.randrange(len(value))
        if not isinstance(value[key], dict | list) or not value[key] or of.random() < 0.3:
            return value, key
        value = value[key]
    return None


def damage(of: random.Random, value: Any) -> None:
    """Take away, rename or replace something in nested plain data."""
    place = _a_place(of, value)
    if place is None:
        return
    inside, key = place
    how = of.randrange(5)
    if how == 0:
        del inside[key]
    elif how == 1 and isinstance(inside, dict):
        inside[f"{key}_"] = inside.pop(key)
    elif how == 2 and isinstance(inside[key], int):
        inside[key] += of.choice((-1, 1)) * 10 ** of.randrange(1, 19)
    else:
        inside[key] = of.choice(ODD)


def _rarely(of: random.Random, lines: Lines) -> dict[str, Any]:
    """Return an event of a kind drawn evenly: there are few of those that matter most."""
    kind = of.choice(sorted({_kind(line) for line in lines}))
    return of.choice([line for line in lines if _kind(line) == kind])


def _kind(line: dict[str, Any]) -> str:
    return str(line.get("kind"))


def one_field(of: random.Random, lines: Lines) -> Lines:
    for _ in range(of.choice((1, 1, 1, 3))):
        damage(of, _rarely(of, lines))
    return lines


def a_kind_gone(of: random.Random, lines: Lines) -> Lines:
    kind = _kind(_rarely(of, lines))
    return [line for line in lines if _kind(line) != kind]


def an_agent_gone(of: random.Random, lines: Lines) -> Lines:
    gone = _rarely(of, lines)
    return [line for line in lines if (line["node"], line["agent"]) != (gone["node"], gone["agent"])]


def other_order(of: random.Random, lines: Lines) -> Lines:
    for _ in range(10):
        one, other = _rarely(of, lines), _rarely(of, lines)
        one["t_ns"], other["t_ns"] = other["t_ns"], one["t_ns"]
    return lines


def told_twice(of: random.Random, lines: Lines) -> Lines:
    return [*lines, *(_rarely(of, lines) for _ in range(10))]


def elsewhere(of: random.Random, lines: Lines) -> Lines:
    line = _rarely(of, lines)
    name = of.choice(("node", "agent", "kind"))
    line[name] = of.choice(("m9", "", _rarely(of, lines)[name]))
    return lines


def cut_short(of: random.Random, lines: Lines) -> Lines:
    return lines[: of.randrange(len(lines))]


EVENTS: tuple[Callable[[random.Random, Lines], Lines], ...] = (
    *[one_field] * 8,
    a_kind_gone,
    an_agent_gone,
    other_order,
    told_twice,
    elsewhere,
    cut_short,
)


def mutated(folder: Path, seed: int, whole: list[tuple[Lines, dict[str, Any]]]) -> str:
    """Write a damaged trial into `folder` and return what was done to it."""
    of = random.Random(seed)
    lines, spec = of.choice(whole)
    told: str | Callable[..., Any] = "the spec"
    if of.random() < 0.15:
        spec = json.loads(json.dumps(spec))
        damage(of, spec)
    else:
        told = of.choice(EVENTS)
        lines = told(of, json.loads(json.dumps(lines)))
    text = '{"schema":1}\n' + "".join(json.dumps(line) + "\n" for line in lines)
    data = bytearray(text.encode("utf-8", "surrogatepass"))
    if of.random() < 0.05:
        told = "a byte"
        data[of.randrange(len(data))] = of.randrange(256)
    folder.mkdir(parents=True)
    (folder / "history.jsonl").write_bytes(bytes(data))
    (folder / "spec.json").write_text(json.dumps(spec))
    return told if isinstance(told, str) else told.__name__


@contextmanager
def bounded() -> Iterator[None]:
    """Raise TimeoutError where what is inside takes longer than HANG_S."""

    def over(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"still busy after {HANG_S} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(HANG_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def tried(folder: Path) -> str | None:
    """Judge and report a trial; return the error it was refused with, None where it was judged."""
    try:
        with bounded():
            judge(folder)
            formats.write(folder)
    except HarnessError as error:
        return str(error)
    return None


def main() -> None:
    """Try so many, and say what became of them."""
    parser = argparse.ArgumentParser(prog="mutate", description=__doc__)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1, help="the first one's; each has the next number")
    words = parser.parse_args()
    whole, became, broken = seeds(), Counter[str](), 0
    with tempfile.TemporaryDirectory() as made:
        for seed in range(words.seed, words.seed + words.trials):
            folder = Path(made) / "trial" / str(seed)
            done = mutated(folder, seed, whole)
            try:
                refused = tried(folder)
            except Exception:
                broken += 1
                print(f"seed {seed} ({done}):\n{traceback.format_exc(limit=-4)}", flush=True)
                continue
            if refused is not None and str(folder) not in refused:
                broken += 1
                print(f"seed {seed} ({done}): names no file: {refused}", flush=True)
            became["refused" if refused else "judged"] += 1
            shutil.rmtree(folder)
    print(f"{words.trials} damaged histories: {dict(became)}, {broken} tracebacks, hangs or errors without a file")
    sys.exit(min(broken, 100))


if __name__ == "__main__":
    main()
