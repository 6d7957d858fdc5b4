"""What global_defs sets for every instance (keepalived 2.2.7, global_data.c and global_parser.c)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from harness.profile.keepalived.block import Block
from harness.profile.keepalived.settings import Settings
from harness.profile.keepalived.trackable import MOST, MOST_S
from harness.profile.where import Placed, Where

ADVERTS = 3
GROUPS = {4: "224.0.0.18", 6: "ff02::12"}
MOST_DELAY_S = 4294.0
_TAKEN_OVER = ("version", "strict", "down_timer_adverts", "min_garp")
_OF_ALL = "vrrp_startup_delay"  # which no instance has a word for


@dataclass(frozen=True)
class Garp(Placed):
    """How gratuitous ARPs announce a move; times in seconds, `refresh_s` 0 means never again.

    `lower_delay_s` and `lower_repeat` hold for those that answer an advert of lower priority.
    """

    delay_s: int
    repeat: int
    refresh_s: int
    refresh_repeat: int
    lower_delay_s: int | None
    lower_repeat: int | None


@dataclass(frozen=True)
class Defaults(Placed):
    """The settings of global_defs that instances take over; `where` names them as instances do.

    `groups` are the multicast groups, by family.
    """

    version: int
    strict: bool
    down_timer_adverts: int
    garp: Garp
    startup_delay_s: float = 0.0
    groups: Mapping[int, str] = field(default_factory=lambda: GROUPS)


START = Defaults({}, 2, False, ADVERTS, Garp({}, 5, 5, 0, 1, None, None))


def garp(settings: Settings, base: Garp, prefix: str = "") -> Garp:
    """Return what a block says of gratuitous ARPs over what held before; a repeat of 0 counts as 1."""

    def given(keyword: str, before: int | None, most: int = 2**32 - 1) -> int | None:
        value = settings.whole(f"{prefix}{keyword}", -1, 0, most)
        return before if value < 0 else value

    def repeats(keyword: str, before: int) -> int:
        value = given(keyword, None)
        return before if value is None else max(1, value)

    return Garp(
        where={**base.where, **_named(settings.block, prefix)},
        delay_s=settings.whole(f"{prefix}garp_master_delay", base.delay_s, 0, MOST_S),
        repeat=repeats("garp_master_repeat", base.repeat),
        refresh_s=settings.whole(f"{prefix}garp_master_refresh", base.refresh_s, 0, 2**32 - 1, otherwise=0),
        refresh_repeat=repeats("garp_master_refresh_repeat", base.refresh_repeat),
        lower_delay_s=given("garp_lower_prio_delay", base.lower_delay_s, MOST_S),
        lower_repeat=given("garp_lower_prio_repeat", base.lower_repeat, MOST),
    )


def further(base: Defaults, block: Block) -> Defaults:
    """Return the defaults after one more global_defs block, statement by statement as keepalived takes them."""
    for child in block.children:
        settings = Settings(Block([], 0, [child]))
        announced = garp(settings, base.garp, "vrrp_")
        base = Defaults(
            where={
                **base.where,
                **_named(settings.block, "vrrp_"),
                **({_OF_ALL: child.place} if child.words[0] == _OF_ALL else {}),
            },
            version=settings.whole("vrrp_version", base.version, 2, 3),
            strict=base.strict or child.words[0] == "vrrp_strict",
            down_timer_adverts=settings.whole("vrrp_down_timer_adverts", base.down_timer_adverts, 1, 100),
            garp=_least(announced) if settings.flag("vrrp_min_garp") else announced,
            startup_delay_s=settings.seconds(_OF_ALL, base.startup_delay_s, 0.001, MOST_DELAY_S),
            groups={n: settings.word(f"vrrp_mcast_group{n}") or group for n, group in base.groups.items()},
        )
    return base


def _least(found: Garp) -> Garp:
    """Return what vrrp_min_garp leaves: one announcement, never repeated, but what was set before stays."""
    return replace(
        found,
        repeat=1 if found.repeat == START.garp.repeat else found.repeat,
        refresh_repeat=0 if found.refresh_repeat == START.garp.refresh_repeat else found.refresh_repeat,
        delay_s=0 if found.delay_s == START.garp.delay_s else found.delay_s,
    )


def _named(block: Block, prefix: str) -> dict[str, Where]:
    """Return where the block's settings stand, by the names that instances have for them."""
    named = {c.words[0].removeprefix(prefix): c.place for c in block.children if c.words[0].startswith(prefix)}
    named = {name: place for name, place in named.items() if name in _TAKEN_OVER or name.startswith("garp_")}
    if prefix and "min_garp" in named:
        named |= dict.fromkeys(("garp_master_delay", "garp_master_repeat"), named["min_garp"])
    return named
