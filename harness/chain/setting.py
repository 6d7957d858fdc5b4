"""The settings that a time follows from, each with the place where it stands."""

from __future__ import annotations

from dataclasses import dataclass

from harness.chain.watch import Watch
from harness.profile.keepalived import Instance
from harness.profile.where import Placed, Where


@dataclass(frozen=True)
class Setting:
    """A setting as it holds, written or by default, and where it is or would be written."""

    text: str
    where: Where


def cite(placed: Placed, **values: object) -> tuple[Setting, ...]:
    """Return settings by their keywords; a time may be given in seconds as a float."""
    return tuple(Setting(f"{word} {_told(value)}".rstrip(), placed.at(word)) for word, value in values.items())


def of_watch(watch: Watch, *words: str) -> tuple[Setting, ...]:
    """Return settings by their keywords; all that it has where it is no script, and has others."""
    said = dict(watch.said)
    return cite(watch, **{word: said[word] for word in (words if said.keys() >= set(words) else said)})


def of_instance(instance: Instance, *words: str) -> tuple[Setting, ...]:
    """Return settings of a vrrp_instance by their keywords."""
    values = {
        "priority": instance.priority,
        "advert_int": instance.advert_int_s,
        "down_timer_adverts": instance.down_timer_adverts,
        "nopreempt": "",
        "vrrp_startup_delay": instance.startup_delay_s,
        "garp_master_refresh": instance.garp.refresh_s,
    }
    return cite(instance, **{word: values[word] for word in words})


def _told(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
