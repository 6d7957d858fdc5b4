import pytest

from harness import catalogue
from harness.cli import files as commands
from harness.errors import UsageError
from harness.simulate.simulate import played


def odd(name):
    """Let one scenario do what the model does not know."""
    real = played

    def once(scenario, *rest, **how):
        if catalogue.find(name).summary == scenario.summary:
            raise UsageError("the model does not know the deed 'delay-packets' on m1: it cannot be simulated")
        return real(scenario, *rest, **how)

    return once


def test_of_all_scenarios_one_that_cannot_be_simulated_is_named_and_left_out(monkeypatch, capsys):
    monkeypatch.setattr(commands, "played", odd("kill-node"))
    commands.simulate(trials=20)
    said = capsys.readouterr()
    assert "kill-haproxy on article: 20 simulated trials" in said.out
    assert "kill-node on article: the model does not know the deed 'delay-packets'" in " ".join(said.err.split())


def test_one_that_was_asked_for_is_an_error(monkeypatch):
    monkeypatch.setattr(commands, "played", odd("kill-node"))
    with pytest.raises(UsageError, match="delay-packets"):
        commands.simulate(scenario=["kill-node"], trials=20)
