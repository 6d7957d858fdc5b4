"""`harness` in a process of its own, without what its start costs: forked from one that has read its modules."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]


class Command:
    """Runs commands with words and an environment of their own, stdout and stderr in pipes; to be closed."""

    def __init__(self) -> None:
        self._asks, answers = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with answers:
            words = [sys.executable, "-m", "tests.command", str(answers.fileno())]
            self._parent = subprocess.Popen(words, pass_fds=[answers.fileno()], cwd=ROOT)

    def __call__(self, words: tuple[str, ...], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        (out, out_end), (err, err_end) = os.pipe(), os.pipe()
        socket.send_fds(self._asks, [json.dumps([words, environment]).encode()], [out_end, err_end])
        os.close(out_end)
        os.close(err_end)
        with open(out) as stdout, open(err) as stderr, ThreadPoolExecutor(1) as reader:
            complaints = reader.submit(stderr.read)
            said = stdout.read()
        code = os.waitstatus_to_exitcode(int(self._asks.recv(100)))
        return subprocess.CompletedProcess(words, code, said, complaints.result())

    def close(self) -> None:
        self._asks.close()
        self._parent.wait()


def main(number: int) -> None:
    """Fork a command for everyone that comes in by a socket, and send back how it ended."""
    import harness.cli  # noqa: F401 - and with it whatever a command needs

    # What looks at the environment when it is read is read by each command anew.
    for name in [name for name in sys.modules if name.startswith("harness.cli")]:
        del sys.modules[name]
    with socket.socket(fileno=number) as answers:
        while True:
            asked, descriptors, *_ = socket.recv_fds(answers, 1 << 20, 2)
            if not asked:
                return
            child = os.fork()
            if not child:
                break
            for descriptor in descriptors:
                os.close(descriptor)
            answers.send(str(os.waitpid(child, 0)[1]).encode())
    for target, descriptor in enumerate(descriptors, 1):
        os.dup2(descriptor, target)
        os.close(descriptor)
    words, environment = json.loads(asked)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["harness", *words]
    from harness.__main__ import main as command

    command()


if __name__ == "__main__":
    main(int(sys.argv[1]))
