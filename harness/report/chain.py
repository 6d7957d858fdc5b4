"""fault → detection → VIP → first answer, drawn to scale: one row a fault that moved the VIP."""

from __future__ import annotations

from markupsafe import Markup

from harness.clock import Bounds, Measured, greatest, least, unended
from harness.figures import told, told_interval
from harness.report import svg
from harness.verdict import NEVER, FaultMeasures, Verdict

WIDTH, LEFT, RIGHT, ROW = 1120.0, 190.0, 1090.0, 74.0


def chain(verdict: Verdict) -> Markup | None:
    """Return the drawing; None where no fault hit the VIP's owner."""
    rows = [f for f in verdict.faults if f.vip_migration_s is not None]
    if not rows:
        return None
    scale = svg.Scale(0, max(_longest(f) for f in rows) * 1.08 or 1, LEFT, RIGHT)
    height = ROW * len(rows) + 34
    parts = [svg.line(scale(t), 6, scale(t), height - 26, "grid") for t in scale.ticks()]
    parts += [svg.text(scale(t), height - 10, f"{t:g} s", "tick", "middle") for t in scale.ticks()]
    for number, fault in enumerate(rows):
        parts += _row(fault, scale, 10 + ROW * number)
    label = "; ".join(f"{f.fault} on {f.node}: VIP after {told(f.vip_migration_s)} s" for f in rows)
    return svg.drawing(WIDTH, height, parts, label)


def _longest(fault: FaultMeasures) -> float:
    """Return the row's length; what lies far beyond the migration has other causes and is cut off."""
    migration = _end(fault.vip_migration_s)
    others = (_end(fault.blackout_s), _predicted(fault)[1])
    return max([migration, *(end for end in others if end < 3 * migration)])


def _end(measured: Measured) -> float:
    return (least(measured) if unended(measured) else greatest(measured)) or 0.0


def _predicted(fault: FaultMeasures) -> tuple[float, float]:
    """Return when the VIP was predicted to move, at best and at worst; 0, 0 where it was not."""
    interval = fault.predicted.get("vip_migration_s")
    return (interval.min, interval.max) if isinstance(interval, Bounds) else (0.0, 0.0)


def _row(fault: FaultMeasures, scale: svg.Scale, top: float) -> list[Markup]:
    parts = [
        svg.text(8, top + 20, f"{fault.fault} on {fault.node}", "name"),
        svg.text(8, top + 37, f"at {fault.at_s:.1f} s → {fault.new_owner or 'nobody'}", "tick"),
    ]
    moved = _end(fault.vip_migration_s)
    seen = min(_end(fault.detection_s), moved) if fault.detection_s is not None else 0.0
    never = unended(fault.vip_migration_s)
    if never:
        seen = moved  # whatever was noticed, nothing came of it
    links = [("undetected", 0.0, seen, fault.detection_s), ("election", seen, moved, fault.vip_migration_s)]
    for kind, start, end, measured in links:
        if end > start:
            title = f"{kind}: until {told(measured)} s"
            parts.append(svg.bar(scale(start), top + 8, scale(end) - scale(start), 16, f"link {kind}", title))
    dark = _end(fault.blackout_s)
    beyond = " →" if dark > scale.high else ""
    title = f"blackout {told(fault.blackout_s)} s"
    parts.append(svg.bar(scale(0), top + 28, scale(dark) - scale(0), 8, "link dark", title))
    marks = [(moved, "the VIP never moved" if never else f"VIP on {fault.new_owner} {told(fault.vip_migration_s)}")]
    if seen and moved - seen > 0.03 * scale.high:
        marks.append((seen, f"detected {told(fault.detection_s)}"))
    parts += _band(fault, scale, top)
    for at, said in marks:
        anchor = "end" if scale(at) > 0.7 * RIGHT else "start"
        parts.append(svg.line(scale(at), top + 4, scale(at), top + 27, "mark"))
        parts.append(svg.text(scale(at) + (-5 if anchor == "end" else 5), top + 20, said, "on", anchor))
    told_ = f"clients without any answer: {told(fault.blackout_s)} s{beyond}"
    if dark_for := told_interval(fault.predicted.get("blackout_s")):
        told_ += f", predicted {dark_for}"
    parts.append(svg.text(scale(0), top + 51, told_, "tick"))
    return parts


def _band(fault: FaultMeasures, scale: svg.Scale, top: float) -> list[Markup]:
    """Draw the predicted interval around the bars, to scale, with its own words at its end."""
    low, high = _predicted(fault)
    interval = told_interval(fault.predicted.get("vip_migration_s"))
    if not interval:
        return []
    if interval == NEVER:
        return [svg.text(scale.right, top + 51, "the VIP was predicted never to move", "tick", "end")]
    title = f"predicted: the VIP moves after {interval} s"
    return [
        svg.bar(scale(low), top + 4, scale(high) - scale(low), 36, "predicted", title),
        svg.text(scale(high), top + 51, f"predicted {interval}", "tick", "end"),
    ]
