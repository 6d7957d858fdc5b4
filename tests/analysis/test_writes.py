from harness.analysis.writes import writes
from tests.drawn import Drawn


def test_the_account_of_a_writer():
    d = Drawn()
    for number in range(10):
        d.write(number * 0.05)
    d.write(1, took_s=2.0, status=503, error="5xx")
    d.readback(5, lost=["w-3"])
    account = writes(d.history())
    assert account is not None
    assert (account.acknowledged, account.lost, account.rejected) == (10, 1, 1)
    assert account.slowest_s == 2.0


def test_what_was_not_read_back_is_not_said_to_be_there():
    d = Drawn()
    d.write(0)
    before = writes(d.history())
    d.readback(5, lost=None)
    after = writes(d.history())
    assert before is not None and before.lost is None
    assert after is not None and after.lost is None
    assert writes(Drawn().history()) is None
