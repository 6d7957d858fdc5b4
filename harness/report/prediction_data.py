"""What a profile's own timers imply, as JSON data."""

from __future__ import annotations

from math import inf
from typing import Any

from harness.chain.setting import Setting
from harness.predict.interval import Predicted
from harness.predict.migration import Migration
from harness.predict.prediction import Prediction
from harness.predict.predictions import Predictions


def plain(predictions: Predictions) -> dict[str, Any]:
    """Return all of it as JSON data: what never comes about, or at any time, is null; `why` says why."""
    return {
        "profile": predictions.profile,
        "scripts": list(predictions.scripts),
        "equals": list(predictions.equals),
        "scenarios": {
            name: [
                {"fault": one.fault, "node": one.node, "predicted": one.prediction and _plain(one.prediction)}
                for one in faults
            ]
            for name, faults in predictions.scenarios.items()
        },
        "others": [{"failure": str(one.failure), "predicted": _plain(one)} for one in predictions.others],
        "changes": [
            {
                "measure": one.measure,
                "worst_s": _finite(one.before_s),
                "setting": one.setting and _setting(one.setting),
                "becomes": one.becomes or None,
                "worst_s_then": _finite(one.after_s),
            }
            for one in predictions.changes
        ],
    }


def _plain(found: Prediction) -> dict[str, Any]:
    heirs = sorted(found.move.heirs) if isinstance(found.move, Migration) else []
    return {
        "owner": found.standing.owner,
        "alive": list(found.standing.alive),
        "heirs": heirs,
        "why": found.move.why,
        "depends": found.depends or None,
        "unserved": found.unserved or None,
        "measures": {name: _expected(one) for name, one in found.measures.items()},
        "evictions": [
            {"balancer": node, "backend": server} | {name: _expected(one) for name, one in row.items()}
            for (node, server), row in found.evictions.items()
        ],
        "clients": [
            {"kind": kind, "served_by": node, "dark_s": _expected(one)} for (kind, node), one in found.clients.items()
        ],
    }


def _expected(one: Predicted) -> dict[str, Any]:
    shares = dict(zip(("p5", "p50", "p95"), one.shares_s, strict=True)) if one.shares_s else {}
    return {
        "min": round(one.bounds.min, 6) if one.bounds else None,
        "max": _finite(one.bounds.max) if one.bounds else None,
        "never": one.bounds is None and not one.lasts,
        "until_healed": one.lasts,
        **({"depends": one.depends, "otherwise": one.otherwise} if one.depends else {}),
        **{name: round(share, 6) for name, share in shares.items()},
        "why": one.why,
        "settings": [_setting(setting) for setting in one.settings],
    }


def _setting(setting: Setting) -> dict[str, str]:
    return {"setting": setting.text, "where": str(setting.where)}


def _finite(seconds: float) -> float | None:
    return None if seconds == inf else round(seconds, 6)
