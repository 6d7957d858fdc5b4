"""Health is told by the real one's rules: how often etcd is asked, how long, and who is told what meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, cast

import pytest
from kube_apiserver.etcd import Etcd, Unavailable
from kube_apiserver.health import EVERY_S, PATIENCE_S, RETRY_S, Check, Health


class Loop(asyncio.SelectorEventLoop):
    """Waits in no time: where nothing is left to do, its clock goes on to what is due next."""

    now = 0.0

    def time(self) -> float:
        return self.now

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:  # type: ignore[attr-defined]
            self.now = max(self.now, self._scheduled[0].when())  # type: ignore[attr-defined]
        super()._run_once()  # type: ignore[misc]


class Member:
    """An etcd that answers at once, or holds who asks until it has a leader, or is not there at all."""

    def __init__(self) -> None:
        self.leads, self.there, self.asked_at = asyncio.Event(), True, list[float]()
        self.leads.set()

    async def get(self, key: str, patience: float) -> None:
        self.asked_at.append(asyncio.get_running_loop().time())
        if not self.there:
            raise Unavailable("refused")
        try:
            await asyncio.wait_for(self.leads.wait(), patience)
        except TimeoutError as error:
            raise Unavailable("timed out") from error


def play(coroutine: Coroutine[Any, Any, None]) -> None:
    loop = Loop()
    try:
        loop.run_until_complete(coroutine)
    finally:
        loop.close()


async def timed(asked: Coroutine[Any, Any, bool]) -> tuple[bool, float]:
    loop = asyncio.get_running_loop()
    began = loop.time()
    return await asked, round(loop.time() - began, 6)


async def asking(check: Check, for_s: float, every_s: float = 0.07) -> list[tuple[float, bool, float]]:
    """Ask steadily; return when each was asked, in seconds from now, what it was told, and after how long."""
    asked = []
    for number in range(round(for_s / every_s)):
        asked.append((round(number * every_s, 6), asyncio.ensure_future(timed(check.passes()))))
        await asyncio.sleep(every_s)
    return [(at_s, *await told) for at_s, told in asked]


def test_etcd_is_asked_once_a_second_and_who_comes_between_has_its_answer():
    async def case() -> None:
        member = Member()
        told = await asking(Check(cast(Etcd, member)), 3.0)
        assert told == [(at_s, True, 0.0) for at_s, _, _ in told]
        assert member.asked_at == pytest.approx([0.0, EVERY_S, 2 * EVERY_S], abs=0.15)

    play(case())


def test_before_the_first_answer_nothing_is_ready():
    async def case() -> None:
        member = Member()
        member.leads.clear()
        told = await asking(Check(cast(Etcd, member)), 1.0)
        assert told[0] == (0.0, False, PATIENCE_S)
        assert {passed for _, passed, _ in told} == {False}

    play(case())


@pytest.mark.parametrize("there", [True, False], ids=["no leader", "no member"])
def test_without_etcd_it_passes_from_the_last_answer_and_then_fails_at_once(there):
    async def case() -> None:
        member = Member()
        check = Check(cast(Etcd, member))
        await asking(check, 0.5)
        member.there = there
        member.leads.clear()
        told = await asking(check, 6.0)
        held = [one for one in told if one[2] > 0]
        assert [(passed, lasting) for _, passed, lasting in held] == [(False, PATIENCE_S)] * len(held)
        first = held[0][0]
        assert first <= EVERY_S
        at_once = [(at_s, passed) for at_s, passed, lasting in told if lasting == 0]
        assert {at_s for at_s, passed in at_once if passed} == {at for at, _ in at_once if at < first + PATIENCE_S}
        assert len(held) == pytest.approx(6.0 / EVERY_S, abs=1)

    play(case())


def test_a_member_that_refuses_is_asked_again_and_again():
    async def case() -> None:
        member = Member()
        member.there = False
        assert await timed(Check(cast(Etcd, member)).passes()) == (False, PATIENCE_S)
        assert len(member.asked_at) == pytest.approx(PATIENCE_S / RETRY_S, abs=1)

    play(case())


def test_with_a_leader_who_waits_passes_and_all_others_at_once():
    async def case() -> None:
        member = Member()
        check = Check(cast(Etcd, member))
        member.leads.clear()
        asked = asyncio.ensure_future(asking(check, 5.0))
        await asyncio.sleep(4.05)
        member.leads.set()
        told = await asked
        assert {passed for at_s, passed, _ in told if at_s > 4.05} == {True}
        assert {passed for at_s, passed, lasting in told if 3.0 < at_s < 4.05 and not lasting} == {False}
        waited = [(at_s, lasting) for at_s, passed, lasting in told if passed and lasting]
        assert waited
        assert all(at_s + lasting == pytest.approx(4.05, abs=0.001) for at_s, lasting in waited)

    play(case())


def test_of_two_answers_the_later_asked_counts():
    """One that hangs for two seconds may fail after the next has passed."""

    async def case() -> None:
        member = Member()
        check = Check(cast(Etcd, member))
        assert await check.passes()
        member.leads.clear()
        slow = asyncio.ensure_future(_later(check, EVERY_S))
        await asyncio.sleep(2 * EVERY_S)
        member.leads = asyncio.Event()  # who waits already goes on to wait
        member.leads.set()
        assert await timed(check.passes()) == (True, 0.0)
        assert not await slow
        assert await check.passes()

    play(case())


async def _later(check: Check, after_s: float) -> bool:
    await asyncio.sleep(after_s)
    return await check.passes()


def test_it_is_asked_to_the_end_though_who_asked_has_gone():
    async def case() -> None:
        member = Member()
        member.leads.clear()
        check = Check(cast(Etcd, member))
        gone = asyncio.ensure_future(check.passes())
        await asyncio.sleep(0.1)
        gone.cancel()
        member.leads.set()
        await asyncio.sleep(0.1)
        assert await timed(check.passes()) == (True, 0.0)
        assert len(member.asked_at) == 1

    play(case())


def test_readiness_has_a_check_more_each_with_its_own_pace():
    """Both may be asked by one request, which is then held twice as long."""

    async def case() -> None:
        member = Member()
        member.leads.clear()
        health = Health(cast(Etcd, member))
        loop = asyncio.get_running_loop()
        began = loop.time()
        answer = await health.answer("/readyz", {})
        assert answer.status == 500
        assert loop.time() - began == pytest.approx(2 * PATIENCE_S)
        began = loop.time()
        assert (await health.answer("/livez", {})).status == 500
        assert loop.time() - began == pytest.approx(PATIENCE_S)

    play(case())


def test_health_names_its_checks_as_the_real_one_does(stub):
    said = stub.get("/readyz?verbose").text.splitlines()
    assert said[:-1] == [f"[+]{name} ok" for name in ("ping", "log", "etcd", "etcd-readiness", "shutdown")]
    assert said[-1] == "readyz check passed"
    assert [stub.get(f"/readyz/{name}").status for name in ("etcd", "etcd-readiness", "nothing")] == [200, 200, 404]


def test_without_a_quorum_it_is_neither_ready_nor_alive_but_for_who_leaves_etcd_out():
    async def case() -> None:
        member = Member()
        member.leads.clear()
        health = Health(cast(Etcd, member))

        async def status(path: str, *excluded: str) -> int:
            return (await health.answer(path, {"exclude": excluded} if excluded else {})).status

        assert [await status(path) for path in ("/livez", "/readyz", "/healthz", "/livez/etcd")] == [500] * 4
        assert [await status(path, "etcd") for path in ("/livez", "/healthz")] == [200] * 2
        assert await status("/livez/ping") == 200
        assert await status("/readyz", "etcd") == 500  # etcd-readiness is left
        assert await status("/readyz", "etcd", "etcd-readiness") == 200

    play(case())


def test_what_is_left_out_is_told(stub):
    said = stub.get("/livez?verbose&exclude=etcd&exclude=nothing").text.splitlines()
    warned = 'warn: some health checks cannot be excluded: no matches for "nothing"'
    assert said == ["[+]ping ok", "[+]log ok", "[+]etcd excluded: ok", warned, "livez check passed"]
