"""What is predicted of one failure, and of one that may go either way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from harness.chain.failure import Failure, Standing
from harness.predict import interval
from harness.predict.interval import Predicted
from harness.predict.migration import Migration, Stays

Measures = Mapping[str, Predicted]
_Name = TypeVar("_Name")


@dataclass(frozen=True)
class Prediction:
    """What is predicted of one failure; `evictions` by haproxy's node and server, each with its own measures.

    `clients` says how long one is dark that has one connection for all, by its kind and whose apiserver answers it.

    `depends` says on what the move depends, where it may not come about; `unserved` why no client is served, whatever
    the VIP does.
    """

    failure: Failure
    standing: Standing
    move: Migration | Stays
    measures: dict[str, Predicted]
    evictions: dict[tuple[str, str], dict[str, Predicted]]
    depends: str = ""
    unserved: str = ""
    clients: dict[tuple[str, str], Predicted] = field(default_factory=dict)

    @property
    def owner(self) -> str | None:
        """Return who holds the VIP once all this has come about."""
        if isinstance(self.move, Migration):
            return self.move.heirs[0]
        gone = self.failure.kind.silences and self.failure.node == self.standing.owner
        return None if gone else self.standing.owner

    @property
    def afterwards(self) -> Standing:
        """Return how things then stand."""
        return self.standing.after(self.failure, self.owner)


def either(one: Prediction, other: Prediction, on: str) -> Prediction:
    """Return what is predicted where it depends on something whether one comes about or the other."""
    if (one.move, one.measures, one.evictions) == (other.move, other.measures, other.evictions):
        return one
    evictions = {where: _both(row, other.evictions.get(where, {}), on) for where, row in one.evictions.items()}
    found = replace(
        one,
        measures=_both(one.measures, other.measures, on),
        evictions=evictions,
        clients=_both(one.clients, other.clients, on) if one.clients and other.clients else {},
    )
    if isinstance(one.move, Migration) and isinstance(other.move, Migration):
        found = replace(found, move=replace(one.move, heirs=tuple(dict.fromkeys([*one.move.heirs, *other.move.heirs]))))
    elif isinstance(other.move, Migration):
        found = replace(found, move=other.move)
    return replace(found, depends=on if type(one.move) is not type(other.move) else one.depends or other.depends)


def _both(one: Mapping[_Name, Predicted], other: Mapping[_Name, Predicted], on: str) -> dict[_Name, Predicted]:
    names = dict.fromkeys([*one, *other])
    return {name: interval.either([one.get(name), other.get(name)], on) for name in names}
