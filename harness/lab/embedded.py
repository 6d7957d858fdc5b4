"""The harness' own dockerd: data, socket and pid file lie in the user's cache folder, nothing else is touched."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import platformdirs
from tenacity import RetryError as PatienceError
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from harness import disk
from harness.contracts import Progress
from harness.errors import EngineError
from harness.lab import processes
from harness.lab.ping import answers

PATIENCE_S = 60.0
LEAST_FREE = 2 << 30  # bytes; the images take 1.2 GiB
_LONGEST_SOCKET = 100  # sockaddr_un holds 108 bytes
_LONGEST_WORDS, _LAST_LINES, _TAIL = 300, 40, 1 << 16
# All that it needs of its caller's environment: where programs are, and the way to a registry.
_PROXIES = {"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"}
_KEPT = {"PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "DOCKER_RAMDISK", *_PROXIES, *map(str.lower, _PROXIES)}
_MESSAGE = re.compile(r'\bmsg="((?:[^"\\]|\\.)*)"')


def folder() -> Path:
    """Return where the embedded engine keeps everything."""
    return platformdirs.user_cache_path("failover-harness") / "engine"


def socket_url() -> str:
    """Return the URL that clients connect to."""
    return f"unix://{folder() / 'docker.sock'}"


def possible() -> bool:
    """Say whether this user on this system may run a dockerd."""
    return platform.system() == "Linux" and os.geteuid() == 0


def alive() -> bool:
    """Say whether its dockerd runs."""
    return processes.dockerd(folder()) is not None


def start(progress: Progress) -> bool:
    """Start dockerd unless it runs, wait until it answers, and say whether it had to be started."""
    home = folder()
    if len(str(home / "docker.sock")) > _LONGEST_SOCKET:
        raise EngineError(f"{home}: too long a path for a socket; set XDG_CACHE_HOME to a shorter one")
    with disk.locked(folder() / "lock"):
        if alive():
            _await_answer(alive, 0)
            return False
        _require_space(home)
        progress(f"starting an engine of our own in {home}")
        _clear(home)
        told = _log_size()
        pid = _spawn(home)
        _await_answer(lambda: os.waitpid(pid, os.WNOHANG)[0] == 0, told)
    return True


def stop() -> bool:
    """End the embedded engine, or what a dead one left, and wait for it; say whether there was one."""
    home = folder()
    if not possible() or not home.exists():
        return False
    with disk.locked(folder() / "lock"):
        pid = processes.dockerd(home)
        if pid is not None:
            os.kill(pid, signal.SIGTERM)
            with contextlib.suppress(PatienceError):
                Retrying(stop=stop_after_delay(PATIENCE_S), wait=wait_fixed(0.1), retry=retry_if_result(bool))(alive)
        _clear(home)  # which also kills a dockerd that hangs
    return pid is not None


def full() -> bool:
    """Say whether the disk that its data lie on takes nothing more."""
    try:
        return shutil.disk_usage(folder()).free < 1 << 20
    except OSError:
        return False


def last_words(since: int = 0) -> str:
    """Return what dockerd said last, and where the rest is; `since` is a place in its log, in bytes."""
    log = folder() / "log"
    try:
        with log.open("rb") as file:
            file.seek(max(since, _log_size() - _TAIL))
            said = file.read().decode(errors="replace").splitlines()[-_LAST_LINES:]
    except OSError:
        return f"it left no log at {log}"
    # Its lines begin with the time; only what it dies of does not.
    plain = [line for line in said if line.strip() and not line.startswith("time=")]
    why = (plain or [_message(line) for line in said[-1:]] or ["none"])[0]
    return f"its last words: {why[:_LONGEST_WORDS]} (its log: {log})"


def _message(line: str) -> str:
    found = _MESSAGE.search(line)
    return found[1].replace('\\"', '"').replace("\\n", " ") if found else line


def _log_size() -> int:
    try:
        return (folder() / "log").stat().st_size
    except OSError:
        return 0


def _clear(home: Path) -> None:
    """End what a dead dockerd left, unmount it, and remove the marks by which the next would believe it alive."""
    if not processes.end(home, PATIENCE_S):
        raise EngineError(f"{home}: what a dead engine left there does not end; `ps ax | grep {home}` shows it")
    _unmount(home)
    for stale in ("docker.sock", "docker.pid", "exec/containerd/containerd.pid"):
        (home / stale).unlink(missing_ok=True)


def _unmount(home: Path) -> None:
    """Unmount what dockerd mounted, so that the folder can be removed; the user's own disk below it stays."""
    data = str(home / "data")
    noted = (home / "exec/unmount-on-shutdown").exists()  # by a dockerd that mounted its data folder on itself
    for line in reversed(Path("/proc/self/mountinfo").read_text().splitlines()):
        root, path = (word.replace("\\040", " ") for word in line.split()[3:5])
        itself = path == data and (noted or data.endswith(root))
        if itself or path.startswith((f"{data}/", f"{home / 'exec'}/")):
            subprocess.run(["umount", "--lazy", "--quiet", path], stderr=subprocess.DEVNULL)


def _spawn(home: Path) -> int:
    disk.write(home / "daemon.json", b"{}\n")  # else dockerd would read the system Docker's
    command = [
        "dockerd",
        f"--data-root={home / 'data'}",
        f"--exec-root={home / 'exec'}",
        f"--pidfile={home / 'docker.pid'}",
        f"--config-file={home / 'daemon.json'}",
        f"--host={socket_url()}",
        "--bridge=none",
        # A lab forwards nothing; dockerd would otherwise set this host's FORWARD policy to DROP.
        "--ip-forward=false",
        "--ip-masq=false",
        "--userland-proxy=false",
    ]
    # Not subprocess: the engine outlives this process on purpose, and must hold nothing of whoever called it.
    log = (os.POSIX_SPAWN_OPEN, 1, str(home / "log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    streams = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), log, (os.POSIX_SPAWN_DUP2, 1, 2)]
    others = [(os.POSIX_SPAWN_CLOSE, int(fd)) for fd in os.listdir("/proc/self/fd") if int(fd) > 2]
    with disk.told(home / "log"):
        return os.posix_spawn(
            "/bin/sh",
            ["sh", "-c", 'cd / && umask 022 && exec "$@"', "sh", *command],
            {name: value for name, value in os.environ.items() if name in _KEPT},
            file_actions=[*streams, *others],
            setsid=True,
            setsigmask=[],
            setsigdef=signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP},
        )


def _await_answer(runs: Callable[[], bool], told: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if answers(socket_url()):
            return
        if not runs():
            raise EngineError(f"dockerd ended at once; {last_words(told)}")
        time.sleep(0.1)
    raise EngineError(
        f"dockerd did not answer within {PATIENCE_S:.0f} s; {last_words(told)}. `harness engine stop` ends it"
    )


def _require_space(home: Path) -> None:
    free = shutil.disk_usage(home).free
    if free < LEAST_FREE:
        raise EngineError(f"{home}: only {free >> 20} MiB free; images and labs need 2 GiB")
