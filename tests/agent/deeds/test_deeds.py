"""What holds for every deed, whatever family it is of."""

import importlib
import json
import pkgutil
from dataclasses import asdict, fields, is_dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from harness.agent import act, deeds
from harness.agent.deeds.deed import Deed, Done
from harness.agent.emit import Emitter
from harness.events import Did, FaultEdge
from harness.history import History, decode


def every_deed() -> list[type[Any]]:
    names = [f"{deeds.__name__}.{found.name}" for found in pkgutil.iter_modules(deeds.__path__)]
    own = [(name, value) for name in names for value in vars(importlib.import_module(name)).values()]
    return [
        value for name, value in own if isinstance(value, type) and value.__module__ == name and is_dataclass(value)
    ]


def made(deed: type[Any]) -> Deed:
    hints = get_type_hints(deed)
    values = {field.name: hints[field.name] for field in fields(deed)}
    one: Deed = deed(**{n: get_args(h)[0] if get_origin(h) is Literal else "x" for n, h in values.items()})
    return one


@pytest.mark.parametrize("deed", every_deed())
def test_a_deed_reaches_the_agent_as_its_name_and_plain_values(deed):
    one = made(deed)
    words = json.loads(json.dumps(asdict(one)))
    assert act.named(f"{deed.__module__}.{deed.__name__}", words) == one


@pytest.mark.parametrize(("edge", "edges"), [(None, ["begin", "end"]), ("begin", ["begin"]), ("end", ["end"])])
def test_what_was_done_is_written_down_at_both_edges_or_at_one(tmp_path, edge, edges):
    emitter = Emitter("m1", "act-1", tmp_path)
    about = {"fault": "F", "index": 3, "action": "heal"}
    act.report(emitter, Done(10, 20, Did(process="x")), about | ({"edge": edge} if edge else {}))
    emitter.close()
    told = list(History(decode((tmp_path / "act-1.jsonl").read_bytes().splitlines(), "")).of(FaultEdge))
    assert [(e.t_ns, e.data.edge) for e in told] == [(10 if e == "begin" else 20, e) for e in edges]
    assert {(e.data.fault, e.data.node, e.data.index, e.data.detail.process) for e in told} == {("F", "m1", 3, "x")}


@pytest.mark.parametrize(
    ("module", "says"),
    [
        ("import msgspecs", "No module named 'msgspecs'"),
        ("", "module 'frosty' has no attribute 'Freeze'"),
        ("def do(:", "invalid syntax"),
    ],
)
def test_a_deed_that_cannot_be_loaded_in_a_machine_says_what_is_there(
    installed, tmp_path, monkeypatch, capsys, module, says
):
    installed.package("frosty", module)
    monkeypatch.setattr(act, "facts", lambda: {"node": "m1"})
    emitter = Emitter("m1", "act-1", tmp_path)
    monkeypatch.setattr(act, "Emitter", lambda node, agent: emitter)
    monkeypatch.setattr(act, "prioritise", lambda emitter, nice: None)
    monkeypatch.setattr("sys.argv", ["act", "frosty.Freeze", "{}", "{}"])
    with pytest.raises(SystemExit, match="1"):
        act.main()
    emitter.close()
    assert f", harness.agent and harness.events, no more: {says}" in capsys.readouterr().err
