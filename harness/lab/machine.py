"""One container of a lab: what can be put into it, run in it, and read from it."""

from __future__ import annotations

import io
import json
import tarfile
import time
from collections.abc import Mapping
from typing import Any

from docker.errors import APIError, NotFound
from docker.models.containers import Container

from harness.errors import FaultError, LabError
from harness.lab.lease import hold
from harness.lab.stream import Stream

Files = Mapping[str, tuple[str, int]]


class Machine:
    """A node or the client; satisfies harness.contracts.Target."""

    def __init__(self, name: str, container: Container, interface: str) -> None:
        self.name, self.container, self.interface = name, container, interface
        self.powered = False
        self.held = False  # whether the container ends with this process
        self._lease: Stream | None = None

    def run(self, *command: str, check: bool = True) -> str:
        """Run a command inside and return what it printed; raise LabError where it fails and `check` is set."""
        try:
            code, output = self.container.exec_run(list(command))
        except APIError as error:
            raise LabError(f"{self.name}: cannot run {command[0]}: {error.explanation}") from error
        text: str = output.decode(errors="replace")
        if check and code:
            raise LabError(f"{self.name}: `{' '.join(command)}` failed ({code}): {text.strip()[-400:]}")
        return text

    def act(self, *words: str) -> dict[str, Any]:
        """Have the agent inside do and stamp a deed; return what it reported last."""
        code, output = self.container.exec_run(["python3", "-m", "harness.agent.act", *words])
        lines = output.decode(errors="replace").strip().splitlines()
        if code or not lines:
            raise FaultError(f"{self.name}: {' '.join(words[:2])} did not take effect: {' '.join(lines[-1:])}")
        report: dict[str, Any] = json.loads(lines[-1])
        return report

    def service(self, verb: str, name: str) -> None:
        self.run("sv", verb, f"/etc/sv/{name}")

    def power_off(self) -> None:
        self.powered = False
        self.container.kill("SIGKILL")
        self.container.wait(timeout=10)
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
        deadline = time.monotonic() + 10
        while "run: " not in self.run("sv", "status", "/etc/sv/agent-wire", check=False):
            if time.monotonic() > deadline:
                raise FaultError(f"{self.name}: its agents did not start within 10 s of power-on")
            time.sleep(0.05)

    def put(self, files: Files) -> None:
        """Write files inside, each given as path → (text, mode); works before the first start too."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            for path, (text, mode) in files.items():
                data = text.encode()
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
        with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as tar:
            found = {m.name: tar.extractfile(m) for m in tar.getmembers() if m.isfile()}
            return {name: file.read() for name, file in found.items() if file}
