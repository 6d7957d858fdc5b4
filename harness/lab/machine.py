"""One container of a lab: what can be put into it, run in it, and read from it."""

from __future__ import annotations

import importlib
import inspect
import io
import json
import re
import tarfile
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from docker.errors import NotFound
from docker.models.containers import Container

from harness.agent.deeds.deed import Deed
from harness.errors import FaultError, LabError
from harness.lab.lease import hold
from harness.lab.running import Running, output

PATIENCE_S = 60  # a kernel's work for a container, on the busiest of machines
TRIES, END = 5, ":end-of-answer:"

Files = Mapping[str, tuple[str, int]]
PYTHONPATH = "/opt/harness"  # in the images


class Machine:
    """A node or the client."""

    def __init__(self, name: str, container: Container, interface: str) -> None:
        self.name, self.container, self.interface = name, container, interface
        self.powered = False
        self.held = False  # whether the container ends with this process
        self._lease: Running | None = None

    def run(self, *command: str, check: bool = True) -> str:
        """Run a command inside and return what it printed; raise LabError where it fails and `check` is set."""
        code, said = output(self.container, *command)
        text = said.decode(errors="replace")
        if check and code:
            why = self.container.client.api.space(text.strip()[-400:])
            raise LabError(f"{self.name}: `{' '.join(command)}` failed ({code}): {why}")
        return text

    def ask(self, *command: str) -> str:
        """Run what changes nothing and return all that it printed, whatever its status.

        dockerd waits for the streams of what has ended for two seconds, and a busy machine is slower: then their end is
        lost. What lacks its mark is asked for again; raise LabError where that stays so.
        """
        for _ in range(TRIES):
            said = self.run("sh", "-c", f'"$@"; printf {END}', "sh", *command, check=False)
            if said.endswith(END):
                return said.removesuffix(END)
        raise LabError(f"{self.name}: the engine has lost what `{command[0]}` printed, {TRIES} times; is it too busy?")

    def act(self, deed: Deed, **about: Any) -> dict[str, Any]:
        """Have the agent inside do a deed, and stamp it as `about` a fault; return what it reported."""
        name = f"{type(deed).__module__}.{type(deed).__name__}"
        if not name.startswith("harness.agent."):
            self.put(source(type(deed)))
        words = [name, json.dumps(asdict(deed)), json.dumps(about)]
        code, printed = output(self.container, "python3", "-m", "harness.agent.act", *words)
        lines = printed.decode(errors="replace").strip().splitlines()
        if code or not lines:
            said = self.container.client.api.space(" ".join(lines[-1:]))
            raise FaultError(f"{self.name}: {deed} did not take effect: {said}")
        report: dict[str, Any] = json.loads(lines[-1])
        return report

    def stalled_s(self) -> float:
        """Return for how long, since the kernel started, somebody waited for a processor; 0 where no kernel tells."""
        said = self.ask("cat", "/proc/pressure/cpu")
        total = re.match(r"some .*total=(\d+)", said)
        return int(total[1]) / 1e6 if total else 0.0

    def service(self, verb: str, name: str) -> None:
        self.run("sv", verb, f"/etc/sv/{name}")

    @property
    def running(self) -> bool:
        """Say whether the container runs; raise EngineError where the engine does not tell."""
        try:
            self.container.reload()
        except NotFound:
            return False
        return bool(self.container.status == "running")

    def power_off(self) -> None:
        self.powered = False
        self.container.kill("SIGKILL")
        self.container.wait(timeout=PATIENCE_S)
        self.release()

    def release(self) -> None:
        """Let go of a container that was held."""
        if self._lease is not None:
            self._lease.close()
            self._lease = None

    def start(self) -> None:
        """Start the container, and hold it where it is to end with this process."""
        self.container.start()
        self.powered = True
        if self.held:
            self._lease = hold(self.container)

    def power_on(self) -> None:
        self.start()
        deadline = time.monotonic() + PATIENCE_S
        while "run: " not in self.run("sv", "status", "/etc/sv/agent-wire", check=False):
            if time.monotonic() > deadline:
                raise FaultError(f"{self.name}: its agents did not start within {PATIENCE_S} s of power-on")
            time.sleep(0.05)

    def put(self, files: Files) -> None:
        """Write files inside, each given as path → (text, mode); works before the first start too."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            for path, (text, mode) in files.items():
                data = text.encode("utf-8", "surrogateescape")
                info = tarfile.TarInfo(path.lstrip("/"))
                info.size, info.mode = len(data), mode
                tar.addfile(info, io.BytesIO(data))
        self.container.put_archive("/", buffer.getvalue())

    def fetch(self, folder: str) -> dict[str, bytes]:
        """Return the regular files below a folder, by their path relative to its parent; running or not."""
        try:
            stream, _ = self.container.get_archive(folder)
        except NotFound:
            return {}
        try:
            with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as tar:
                found = {m.name: tar.extractfile(m) for m in tar.getmembers() if m.isfile()}
                return {name: file.read() for name, file in found.items() if file}
        except tarfile.TarError as error:
            raise LabError(f"{self.name}: the engine sent {folder} cut short: {error}") from error


def source(deed: type[Deed]) -> Files:
    """Return a plugin's module as a file that a machine finds under its name; raise FaultError where none can be read.

    It is there alone: neither its package nor what else that imports comes with it.
    """
    name = deed.__module__
    try:
        text = inspect.getsource(importlib.import_module(name))
    except (ImportError, TypeError, OSError) as error:
        why = "a deed is a class in a module of its own, which can be imported"
        raise FaultError(f"{deed.__name__}: no source of {name} to bring into a machine: {error}; {why}") from error
    return {f"{PYTHONPATH}/{name.replace('.', '/')}.py": (text, 0o644)}
