"""Throw mutated configurations at a parser with atheris (libFuzzer): `python -m bench.fuzz keepalived SECONDS`.

Any text must be refused with a ProfileError that names a place, or come back byte for byte and give its views. A
traceback, or more than ten seconds, ends the run, and what did it is left in reports/fuzz/.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["harness.profile"]):
    from harness.profile import haproxy, keepalived

from harness.errors import ProfileError

HERE = Path(__file__).parent.parent
OUT = HERE / "reports/fuzz"
SEEDS = {"keepalived": ("*.conf", "*.inc"), "haproxy": ("*.cfg",)}
HANG_S, MOST_BYTES = 10, 4096
_PLACE = re.compile(r"[^:]+:\d+: ")


def read_keepalived(text: str) -> None:
    """Read a file that may include parts of itself, for a node, and all that it says; and again with blocks closed."""
    head, _, included = text.partition("\f")
    files = {"/etc/keepalived/a": included, "/etc/keepalived/b": "c {\n"}
    for whole in (head, head + "\n}" * min(100, head.count("{") - head.count("}"))):
        root = refused_or(keepalived.parse, whole, "k.conf", "m1", files)
        if root:
            assert keepalived.render(root) == whole
            for view in VIEWS:
                refused_or(view, root)


VIEWS = (
    keepalived.instances,
    keepalived.sync_groups,
    keepalived.scripts,
    keepalived.processes,
    keepalived.track_files,
)


def read_haproxy(text: str) -> None:
    """Read a file and all that it says."""
    sections = refused_or(haproxy.parse, text, "h.cfg")
    if sections:
        assert haproxy.render(sections) == text
        haproxy.stats_socket(sections)
        refused_or(lambda: list(haproxy.servers(sections)))
        refused_or(lambda: list(haproxy.frontends(sections)))
        refused_or(lambda: list(haproxy.mute(sections)))


def refused_or(read: Callable[..., Any], *what: object) -> Any:
    """Return what is read, or nothing where it is refused with its place."""
    try:
        return read(*what)
    except ProfileError as error:
        assert _PLACE.match(str(error)), error
        return None


TARGETS: dict[str, Callable[[str], None]] = {"keepalived": read_keepalived, "haproxy": read_haproxy}


def main() -> None:
    """Fuzz one parser for a time, from the files that the project has."""
    name, seconds = sys.argv[1:3]
    read, folder = TARGETS[name], OUT / name
    (folder / "corpus").mkdir(parents=True, exist_ok=True)
    seeds = [path for pattern in SEEDS[name] for part in ("profiles", "tests") for path in (HERE / part).rglob(pattern)]
    words = sorted({word for path in seeds for word in re.findall(r"[\w.$@{}~-]+", path.read_text())})
    for number, path in enumerate(seeds):
        (folder / f"corpus/seed-{number}").write_bytes(path.read_bytes())
    (folder / "words").write_text("".join(f'"{word}"\n' for word in words))

    def one(data: bytes) -> None:
        read(data.decode("utf-8", "ignore"))

    limits = [f"-max_total_time={seconds}", f"-timeout={HANG_S}", f"-max_len={MOST_BYTES}", "-print_final_stats=1"]
    places = [f"-dict={folder / 'words'}", f"-artifact_prefix={folder}/", str(folder / "corpus")]
    atheris.Setup([sys.argv[0], *limits, *places], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
