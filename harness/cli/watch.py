"""The command that watches a cluster of one's own."""

from __future__ import annotations

import datetime
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from harness import disk
from harness.cli.base import app, show, tell, tested
from harness.contracts import Passing
from harness.errors import UsageError
from harness.events import Fact
from harness.history import Event
from harness.onsite import command, keys, marks, predicted, preflight, target
from harness.onsite.board import Board
from harness.onsite.instruments import Instruments
from harness.onsite.preflight import Seen
from harness.onsite.session import SEEN, Session
from harness.onsite.target import Target
from harness.report.layout import Paragraph
from harness.report.watched import page, table

GENTLE, MOST, KINDS = 5.0, 50.0, 3
HOUR_S, PAGE = 3600.0, "index.html"
BEFORE_S = 10.0  # of undisturbed service, to tell an outage by
GOOD, DOUBTFUL = ("✓ ", "green"), ("• ", "yellow")


@app.command()
def watch(
    endpoint: Annotated[str, typer.Argument(help="Where clients ask: https://VIP:PORT.")] = "",
    kubeconfig: Annotated[Path | None, typer.Option(help="Whom to trust, and a token or a certificate.")] = None,
    interface: Annotated[str, typer.Option(help="Where the VIP's link is; found by itself where there is one.")] = "",
    rate: Annotated[float, typer.Option(min=0.1, help="Requests a second of each kind: new, kept, HTTP/2.")] = GENTLE,
    profile: Annotated[str, typer.Option("--profile", "-p", help="Your own files: what they predict.")] = "",
    seconds: Annotated[float, typer.Option("--for", min=1, help="End after so many seconds, if not before.")] = HOUR_S,
    folder: Annotated[Path | None, typer.Option(help="Where it is written.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask more often than 50 times a second.")] = False,
    mark: Annotated[str | None, typer.Option("--mark", help="Mark this moment of what is being watched.")] = None,
    run: Annotated[str, typer.Option(help='Run this once, as "ssh m1 systemctl stop haproxy", and mark it.')] = "",
    run_after: Annotated[float, typer.Option(min=0, help="So many seconds after the beginning.")] = BEFORE_S,
) -> None:
    """Watch a cluster of your own while you pull a plug: each outage, and who had the VIP. Ctrl-C ends it."""
    if mark is not None:
        show(f"marked in {marks.elsewhere(mark)}")
        return
    if not endpoint:
        raise UsageError("say where clients ask: harness watch https://10.0.0.100:6443")
    if KINDS * rate > MOST and not yes:
        raise UsageError(
            f"{KINDS * rate:g} requests a second may be felt by a cluster at work; --yes sends them all the same"
        )
    breaks, wanted = command.words_of(run), target.of(endpoint, kubeconfig)
    mine = tested(profile) if profile else None
    if mine and str(mine.facts.vip) != wanted.host:
        tell(f"{mine.name} has the VIP {mine.facts.vip}, and {wanted.host} is what is watched")
    told = predicted.outages(mine) if mine else {}
    link, listens = interface or preflight.interface_to(wanted) or "", preflight.may_listen()
    wanted = _told(wanted, link if listens else "")
    place = folder or Path("reports") / f"watch-{datetime.datetime.now():%Y-%m-%dT%H-%M-%S}"
    asks = Instruments(rate, bool(link) and listens, wanted.news != "")
    session, board = Session(wanted, asks, link, place, told), Board()

    def shown(events: list[Event[Fact]], gone_s: float) -> None:
        board.take(events)
        tell(Passing(board.line(gone_s)))

    with tell.working(f"watching {wanted.endpoint}; Ctrl-C ends it"):
        disk.folder(place)
        with ExitStack() as stack:
            pressed = stack.enter_context(keys.marking(place))
            if breaks:
                stack.enter_context(command.run_after(run_after, breaks, place))
                tell(f"in {run_after:g} s: {run}")
            tell("press m as you pull the plug" if pressed else 'mark it from another shell: harness watch --mark ""')
            found = session.watch(seconds, shown)
    disk.write(place / PAGE, page(found))
    show(table(found), "", f"written to {place}: {PAGE}, {SEEN}, history.jsonl")
    raise typer.Exit(1 if found.outages else 0)


def _told(wanted: Target, link: str) -> Target:
    """Say what is known before anything is watched; return the target with what may be followed there."""
    with tempfile.TemporaryDirectory(prefix="harness-watch-") as private:
        facts = wanted.written(Path(private), link)
        seen = list(preflight.examine(wanted, facts))
        news = preflight.news_of(wanted, facts)
    seen.append(Seen("news", news or "none may be listed, so no stream is followed", bool(news)))
    wire = link or "not heard, so nothing of ARP and VRRP: that takes root, and a place on the VIP's link"
    for one in [*seen, Seen("wire", wire, bool(link))]:
        sign = Text(*(GOOD if one.well else DOUBTFUL))
        show(Paragraph(Text.assemble((one.what, "bold"), f": {one.found}"), sign))
    return replace(wanted, news=news)
