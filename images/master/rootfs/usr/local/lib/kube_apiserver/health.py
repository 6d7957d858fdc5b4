"""/livez, /readyz and /healthz: all of them ask etcd, and ready means that no shutdown has begun, too."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from kube_apiserver.answers import Answer, text
from kube_apiserver.etcd import Etcd, Unavailable

_CHECKS = ("ping", "log", "etcd")
CHECK_PATIENCE_S = 1.0
FRESH_S = 0.25  # the real one asks etcd no more often than once a second


class Health:
    """Checks etcd with a linearizable read, once for all who ask at the same time."""

    def __init__(self, etcd: Etcd) -> None:
        self._etcd, self._checked_at = etcd, 0.0
        self._check: asyncio.Future[bool] | None = None
        self.stopping = False

    async def answer(self, path: str, query: Mapping[str, Sequence[str]]) -> Answer:
        """Answer for all checks of a path but what `exclude` names, or for a single one (pkg/server/healthz)."""
        name, _, single = path.lstrip("/").partition("/")
        wanted = [*_CHECKS, "etcd-readiness", "shutdown"] if name == "readyz" else [*_CHECKS]
        if single:
            if single not in wanted:
                return text(404, f"no check {single}\n")
            wanted = [single]
        excluded = set(query.get("exclude", ())) & set(wanted)
        lines, good = [], True
        for check in wanted:
            if check in excluded:
                lines.append(f"[+]{check} excluded: ok")
                continue
            ok = await self._passes(check)
            good &= ok
            lines.append(f"[{'+' if ok else '-'}]{check} {'ok' if ok else 'failed: reason withheld'}")
        if unmatched := sorted(set(query.get("exclude", ())) - excluded):
            named = ",".join(f'"{check}"' for check in unmatched)
            lines.append(f"warn: some health checks cannot be excluded: no matches for {named}")
        if good and "verbose" not in query:
            return text(200, "ok")
        return text(200 if good else 500, "\n".join([*lines, f"{name} check {'passed' if good else 'failed'}", ""]))

    async def _passes(self, check: str) -> bool:
        if check.startswith("etcd"):
            return await self._etcd_answers()
        return not self.stopping if check == "shutdown" else True

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
