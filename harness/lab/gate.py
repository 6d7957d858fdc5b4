"""The steady-state gate: what has to hold before anything is broken, and why it does not."""

from __future__ import annotations

import json
import threading
import time
from typing import Any, NoReturn

import httpx

from harness.agent.emit import EVENTS
from harness.chain import accepting
from harness.errors import Interrupted, UnsteadyError
from harness.lab import daemons, dial
from harness.lab.briefing import bracketed
from harness.lab.lab import Lab
from harness.lab.live import Missing

WIRE = EVENTS / "wire.jsonl"
LOOK_S = 1.0  # how often to look for a daemon that has ended
READY, ANSWER_S = "/readyz", 1.0


def await_steady(lab: Lab, within_s: float, halt: threading.Event | None = None) -> float:
    """Wait until every node is steady and the VIP answers; return the seconds waited.

    Raise UnsteadyError with the cause where that does not come, at once where a daemon has ended by itself, or
    keepalived drops what is sent to the VIP; Interrupted where `halt` is set meanwhile.
    """
    halt = halt or threading.Event()
    began = time.monotonic()
    looked = began
    missing: Missing | None = Missing("nothing has reported yet")
    doubted: set[tuple[str, str]] = set()
    while time.monotonic() - began < within_s:
        missing = lab.unsteady() or _weakened(lab) or _unanswered(lab) or _unready(lab)
        if missing is None:
            return time.monotonic() - began
        if time.monotonic() - looked > LOOK_S:
            ended = {(node, name) for node, machine in lab.nodes.items() for name in daemons.ended(machine)}
            if both := sorted(ended & doubted):  # one that is just being started looks the same, once
                _raise_for_ended(lab, both)
            doubted, looked = ended, time.monotonic()
        if halt.wait(0.05):
            raise Interrupted
    assert missing is not None
    raise UnsteadyError(f"not steady within {within_s:.0f} s: {missing.what}{_said(lab, missing.node, missing.daemon)}")


def _raise_for_ended(lab: Lab, ended: list[tuple[str, str]]) -> NoReturn:
    node, name = ended[0]
    others = sorted({other for other, same in ended if same == name} - {node})
    where = f"{node} (and on {', '.join(others)})" if others else node
    raise UnsteadyError(f"{name} on {where} ended by itself{_said(lab, node, name)}", certain=True)


def _said(lab: Lab, node: str, daemon: str) -> str:
    words = daemons.last_words(lab.nodes[node], daemon) if node and daemon else ""
    return f"; it said last: {words}" if words else ""


def _weakened(lab: Lab) -> Missing | None:
    """Say that the owner's checks have not passed yet, by its own last advert: a backup may still take the VIP."""
    owner = lab.live.vip_owner
    if owner is None:
        return Missing("the VIP has not exactly one owner")
    vrid, best = lab.timers.chain.instance(owner).vrid, lab.timers.chain.best(owner)
    lines = lab.nodes[owner].ask("sh", "-c", f"tail -n 50 {WIRE} 2>/dev/null").splitlines()
    told = [event["data"] for event in map(_event, lines) if event.get("kind") == "wire.advert"]
    sent = [advert["priority"] for advert in told if advert["outgoing"] and advert["vrid"] == vrid]
    if sent and sent[-1] >= best:
        return None
    advertised = sent[-1] if sent else "nothing"
    return Missing(f"{owner} advertises {advertised} yet, and {best} once its checks pass", owner, "keepalived")


def _event(line: str) -> dict[str, Any]:
    """Return an event; an empty one of a line that its agent is still writing, or that `tail` has cut."""
    try:
        found = json.loads(line)
    except json.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _unanswered(lab: Lab) -> Missing | None:
    facts = lab.plain.facts
    url = f"https://{bracketed(facts.vip)}:{facts.port}{READY}"
    told = _answer(lab, url)
    if told is None:
        return None
    owner = lab.live.vip_owner
    if owner and (cause := accepting.refusal(lab.timers.chain.instance(owner))):
        raise UnsteadyError(f"{accepting.told(owner, cause)} ({cause.where}); GET {url} gets: {told}", certain=True)
    return Missing(f"{owner} has the VIP, and GET {url} gets: {told}")


def _unready(lab: Lab) -> Missing | None:
    """Say which apiserver is not ready yet: one whose check of etcd has not come back is up and refuses."""
    facts = lab.plain.facts
    for node in facts.masters:
        url = f"https://{bracketed(facts.nodes[node])}:{facts.apiserver_port}{READY}"
        if told := _answer(lab, url):
            return Missing(f"the apiserver on {node} is not ready: GET {url} gets: {told}", node, "kube-apiserver")
    return None


def _answer(lab: Lab, url: str) -> str | None:
    """Return what a GET from the client's machine gets, in a line; None where that is a success."""
    try:
        with dial.client(lab.client, lab.site.briefing, timeout=ANSWER_S) as http:
            answer = http.get(url)
    except httpx.TransportError as error:
        told = str(error) or type(error).__name__
    else:
        if answer.is_success:
            return None
        told = f"{answer.status_code} {answer.text.strip()}"
    return told.splitlines()[0][:120]
