"""Faults of what an apiserver says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.agent.deeds.answer import PROCESS, Answer
from harness.agent.deeds.certificate import Expire, Renew
from harness.contracts import Selector, Target
from harness.events import Effect


@dataclass(frozen=True)
class HttpError:
    """The apiserver answers every new request with an error, health checks too; watches that are open stay so.

    Only those without a token or a certificate where `to` is "anonymous", as `--anonymous-auth=false` does with 401:
    that is what most health checks are.
    """

    on: Selector
    status: Literal[500, 503, 401, 403, 429] = 500
    to: Literal["all", "anonymous"] = "all"

    @property
    def effect(self) -> Effect:
        return Effect(errs=(PROCESS,), status=self.status, to=self.to)

    def inject(self, target: Target) -> None:
        target.act(Answer(self.status, self.to))

    def heal(self, target: Target) -> None:
        target.act(Answer(0))


@dataclass(frozen=True)
class CertExpire:
    """The apiserver's certificate expires: who verifies it turns away from it, connections that are open stay so."""

    on: Selector

    @property
    def effect(self) -> Effect:
        return Effect(errs=(PROCESS,), to="verifying")

    def inject(self, target: Target) -> None:
        target.act(Expire())

    def heal(self, target: Target) -> None:
        target.act(Renew())
