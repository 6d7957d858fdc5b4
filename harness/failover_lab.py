"""A lab around a client of one's own: `with FailoverLab("article") as lab:`, and a fault inside it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import docker
import httpx
from testcontainers.core.config import testcontainers_config

from harness import assets, disk, judge
from harness.catalogue import BY_HAND, by_hand
from harness.contracts import Fault, Progress
from harness.errors import UsageError
from harness.lab import clients, dial, gate
from harness.lab import engine as engines
from harness.lab import lab as labs
from harness.lab.clients import Rates
from harness.lab.lab import Lab
from harness.profile.folder import Profile, find, load
from harness.runner import Trial, collect, patience_s
from harness.spec import Scenario
from harness.steps import Await, Condition, Hold, Inject
from harness.verdict import Verdict


class Broken:
    """A fault that was injected by hand; its `verdict` is there once the chain is whole again."""

    def __init__(self) -> None:
        self.judged: Verdict | None = None

    @property
    def verdict(self) -> Verdict:
        """Return what came of it; raise UsageError while it is still in force."""
        if self.judged is None:
            raise UsageError("the verdict is there once the `with` block of the outermost fault is over")
        return self.judged


class FailoverLab:
    """The chain of a profile in containers: up and steady as the block begins, gone as it ends.

    `folder` keeps the trial, for `harness analyze` and `harness report`; without one it goes with the lab. `rates` are
    what our own clients ask, beside the guests.
    """

    def __init__(
        self,
        profile: str | Profile = "article",
        folder: Path | None = None,
        rates: Rates | None = None,
        engine: docker.DockerClient | None = None,
        progress: Progress = lambda text: None,
    ) -> None:
        self.profile = profile if isinstance(profile, Profile) else load(find(profile, assets.PROFILES))
        self._folder, self._rates, self._engine, self._progress = folder, rates or Rates(), engine, progress
        self._stack = ExitStack()
        self._broken: list[Broken] = []
        self._lab: Lab | None = None
        self._trial: Trial | None = None

    def __enter__(self) -> FailoverLab:
        return self.start()

    def __exit__(self, *raised: object) -> None:
        self.stop()

    def start(self) -> FailoverLab:
        """Build the lab and wait until it is steady; raise UnsteadyError with the cause where it never is."""
        with ExitStack() as stack:
            engine = self._engine or engines.find(self._progress)
            self._folder = self._folder or Path(stack.enter_context(tempfile.TemporaryDirectory())) / "trial"
            self._lab = stack.enter_context(labs.up(engine, self.profile, self._progress))
            stack.enter_context(_guests_by(engine))
            waited_s = gate.await_steady(self._lab, patience_s(self._lab.timers))
            self._progress(f"steady after {waited_s:.1f} s; the VIP is on {self.vip_owner}")
            self._stack = stack.pop_all()
        return self

    def stop(self) -> None:
        """Remove every part of the lab."""
        self._stack.close()
        self._lab = self._trial = None

    @property
    def lab(self) -> Lab:
        """Return what runs; raise UsageError before the start and after the end."""
        if self._lab is None:
            raise UsageError("the lab is not up: `with FailoverLab() as lab:`")
        return self._lab

    @property
    def folder(self) -> Path:
        """Return where the trial is kept."""
        assert self._folder is not None
        return self._folder

    @property
    def endpoint(self) -> str:
        """Return where clients ask: the VIP."""
        return self.lab.site.briefing.endpoint

    @property
    def vip_owner(self) -> str | None:
        """Return the node that has the VIP; None where none or several have it."""
        return self.lab.live.vip_owner

    def seat(self) -> dict[str, Any]:
        """Return what makes a container a guest of the lab, as `with_kwargs` of testcontainers takes it.

        The guest shares the network of a machine of its own, with an address of the profile's subnet; its connections
        to the VIP are observed there. It is removed with the lab at the latest.
        """
        machine = self.lab.seat()
        return {"network_mode": f"container:{machine.container.id}", "labels": self.lab.site.briefing.marks}

    def kubeconfig(self) -> Path:
        """Return a file that makes a client of the lab, whole in itself."""
        path = Path(self._stack.enter_context(tempfile.TemporaryDirectory())) / "kubeconfig"
        path.write_text(self.lab.site.briefing.kubeconfig)
        path.chmod(0o600)
        return path

    def http(self, **options: Any) -> httpx.Client:
        """Return a client of the VIP whose connections begin in the lab's client machine; `options` are httpx'."""
        return dial.client(self.lab.client, self.lab.site.briefing, **options)

    @contextmanager
    def fault(self, fault: Fault) -> Iterator[Broken]:
        """Break something for as long as the block lasts, then heal it, wait until the chain is whole, and judge.

        Faults may be nested: all have one verdict. A lab is judged once; raise UsageError where it has been, FaultError
        where nothing fits or the fault did not take effect.
        """
        trial = self._begun()
        broken = Broken()
        self._broken.append(broken)
        with ExitStack() as healing:
            healing.callback(self._heal, trial, len(trial.in_force))
            trial.take(Inject(fault))
            yield broken
        if not trial.in_force:
            self._judge(trial)

    def wait_for(self, condition: Condition, within_s: float) -> None:
        """Wait for the VIP to move, or for the chain to be whole, at most `within_s`; noted where it does not come."""
        self._begun().take(Await(condition, within_s))

    def _begun(self) -> Trial:
        if self._trial is None:
            everything = len(self.profile.facts.nodes)
            scenario = Scenario(by_hand.summary, by_hand.steps, by_hand.checks, blast_radius=everything)
            self._trial = Trial(scenario, self.lab, self._progress)
            clients.start(self.lab, self._rates)
            self._trial.rest()
        elif not self._trial.in_force:
            raise UsageError("this lab has been judged: another fault wants another lab")
        return self._trial

    @staticmethod
    def _heal(trial: Trial, left: int) -> None:
        while len(trial.in_force) > left:
            trial.heal_last()

    def _judge(self, trial: Trial) -> None:
        timers = self.lab.timers
        trial.take(Await(Condition.STEADY, timers.return_s))
        trial.take(Hold(timers.aftermath_s))
        clients.stop(self.lab)
        disk.folder(self.folder)
        collect(trial, BY_HAND, self.folder)
        verdict = judge.judge(self.folder, trial.scenario)
        for broken in self._broken:
            broken.judged = verdict


@contextmanager
def _guests_by(engine: docker.DockerClient) -> Iterator[None]:
    """Have testcontainers use this engine, and no reaper of its own: guests carry the lab's marks, and go with it."""
    host, ryuk = os.environ.get("DOCKER_HOST"), testcontainers_config.ryuk_disabled
    os.environ["DOCKER_HOST"] = engine.api.asked
    testcontainers_config.ryuk_disabled = True
    try:
        yield
    finally:
        testcontainers_config.ryuk_disabled = ryuk
        if host is None:
            del os.environ["DOCKER_HOST"]
        else:
            os.environ["DOCKER_HOST"] = host
