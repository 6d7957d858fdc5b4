"""/livez, /readyz and /healthz: all of them ask etcd, and ready means that no shutdown has begun, too."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from kube_apiserver.answers import Answer, text
from kube_apiserver.etcd import Etcd, Unavailable

_CHECKS = ("ping", "log", "etcd")
PATIENCE_S = 2.0  # DefaultHealthcheckTimeout and DefaultReadinessTimeout (pkg/storage/storagebackend/config.go)
EVERY_S = PATIENCE_S / 2  # newETCD3Check (pkg/storage/storagebackend/factory/etcd3.go): rate.Every(timeout / 2)
RETRY_S = 0.025  # as etcd's client, which goes on asking a member that refuses (defaultBackoffWaitBetween)


class Check:
    """Whether etcd answers a linearizable read; asked once a second at most; who comes between has the last answer.

    Who asks etcd waits for it, and meanwhile everybody else is told what was so before: without a quorum a check
    passes for up to three seconds more, and fails at once from then on.
    """

    def __init__(self, etcd: Etcd) -> None:
        self._etcd, self._may_ask_at = etcd, 0.0
        self._last, self._last_asked_at = False, 0.0  # nothing is known yet, which counts as failed

    async def passes(self) -> bool:
        """Ask, if it is time to, or return the last answer: of the last asked that has ended, not the last ended."""
        now = asyncio.get_running_loop().time()
        if now < self._may_ask_at:
            return self._last
        self._may_ask_at = now + EVERY_S
        return await asyncio.shield(asyncio.ensure_future(self._ask(now)))  # it goes on where who asked has gone

    async def _ask(self, now: float) -> bool:
        good = await self._answers(now + PATIENCE_S)
        if now >= self._last_asked_at:
            self._last, self._last_asked_at = good, now
        return good

    async def _answers(self, until: float) -> bool:
        loop = asyncio.get_running_loop()
        while (left_s := until - loop.time()) > 0:
            try:
                await self._etcd.get("/registry/health", patience=left_s)
            except Unavailable:
                await asyncio.sleep(max(0.0, min(RETRY_S, until - loop.time())))
            else:
                return True
        return False


class Health:
    """Answers for all checks of a path; /readyz alone has a second one of etcd, with its own pace."""

    def __init__(self, etcd: Etcd) -> None:
        self._of_etcd = {"etcd": Check(etcd), "etcd-readiness": Check(etcd)}
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
        if check in self._of_etcd:
            return await self._of_etcd[check].passes()
        return not self.stopping if check == "shutdown" else True
