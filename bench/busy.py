"""Whether the tests that need no engine pass on a machine that does more: `python -m bench.busy --loops 3`."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

PYTEST = [sys.executable, "-m", "pytest", "-m", "not lab", "-q", "-p", "no:cacheprovider"]
SUITE = ["tests", "-n", "auto"]
# It ends with its parent too, however that ends.
LOOP = "import os, sys\nwhile os.getppid() == int(sys.argv[1]): sum(range(100_000))"


@contextmanager
def busy(loops: int) -> Iterator[None]:
    """Keep processors busy with as many processes, each of which would take one for itself."""
    started: list[subprocess.Popen[bytes]] = []
    try:
        started += (subprocess.Popen([sys.executable, "-c", LOOP, str(os.getpid())]) for _ in range(loops))
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


def main() -> None:
    """Run the suite again and again beside busy loops; exit with the number of runs that failed."""
    parser = argparse.ArgumentParser(
        prog="busy", description=__doc__, epilog="All other words are pytest's, in place of the whole suite."
    )
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--loops", type=int, default=3)
    parser.add_argument("--nice", type=int, default=0, help="how much the tests give way to the loops")
    words, more = parser.parse_known_args()
    failed = 0
    with busy(words.loops):
        for run in range(1, words.runs + 1):
            began = time.monotonic()
            done = subprocess.run(
                ["nice", "-n", str(words.nice), *PYTEST, *(more or SUITE)], capture_output=True, text=True
            )
            failed += bool(done.returncode)
            lines = done.stdout.splitlines()
            told = [line for line in lines if line.startswith(("FAILED", "ERROR"))] + lines[-1:]
            load, processors = os.getloadavg()[0], os.cpu_count()
            print(f"run {run}: {time.monotonic() - began:.0f} s, load {load:.1f} on {processors}", *told, sep="\n  ")
            sys.stdout.flush()
    sys.exit(failed)


if __name__ == "__main__":
    main()
