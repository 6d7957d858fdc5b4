"""/livez, /readyz and /healthz: alive is not ready, and ready means that etcd answers and no shutdown has begun."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from kube_apiserver.answers import Answer, text
from kube_apiserver.etcd import Etcd, Unavailable

CHECK_PATIENCE_S = 1.0
FRESH_S = 0.25  # the real one asks etcd no more often than once a second


class Health:
    """Checks etcd with a linearizable read, once for all who ask at the same time."""

    def __init__(self, etcd: Etcd) -> None:
        self._etcd, self._checked_at = etcd, 0.0
        self._check: asyncio.Future[bool] | None = None
        self.stopping = False

    async def answer(self, path: str, query: Mapping[str, str]) -> Answer:
        name, _, one = path.lstrip("/").partition("/")
        checks = {"ping": True, "log": True}
        if name in ("readyz", "healthz"):
            checks["etcd"] = await self._etcd_answers()
        if name == "readyz":
            checks |= {"etcd-readiness": checks["etcd"], "shutdown": not self.stopping}
        if one:
            if one not in checks:
                return text(404, f"no check {one}\n")
            checks = {one: checks[one]}
        good = all(checks.values())
        if good and "verbose" not in query:
            return text(200, "ok")
        lines = [
            f"[{'+' if ok else '-'}]{check} {'ok' if ok else 'failed: reason withheld'}" for check, ok in checks.items()
        ]
        return text(200 if good else 500, "\n".join([*lines, f"{name} check {'passed' if good else 'failed'}", ""]))

    async def _etcd_answers(self) -> bool:
        now = asyncio.get_running_loop().time()
        if self._check is None or (self._check.done() and now - self._checked_at > FRESH_S):
            self._checked_at = now
            self._check = asyncio.ensure_future(self._ask())
        return await asyncio.shield(self._check)

    async def _ask(self) -> bool:
        try:
            await self._etcd.get("/registry/health", patience=CHECK_PATIENCE_S)
        except Unavailable:
            return False
        return True
