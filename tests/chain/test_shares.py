"""Against what haproxy did: tests/profile/haproxy/test_loopback.py measures the rows again."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.chain import retries, shares
from harness.chain.shares import Choice, Way
from harness.profile import haproxy
from tests.chain.loopback import CHECKED, GROWN, HEAVIEST, MET, WEIGHTS


def servers(options, lines=(), mode="tcp"):
    own = "".join(f" {line}\n" for line in lines)
    text = "".join(f" server s{n} 10.0.0.{n}:6443 {words}\n" for n, words in enumerate(options, 1))
    return list(haproxy.servers(haproxy.parse(f"backend b\n mode {mode}\n{own}{text}", "h.cfg")))


@pytest.mark.parametrize("row", MET, ids=lambda row: f"{row.lines} {row.options}")
def test_a_dead_server_is_met_as_often_as_haproxy_was_seen_to_try_it(row):
    among = servers(row.options, row.lines)
    ending = retries.of(among[1]).ending(False, len(among))
    least, most = shares.met(among[1], among, silent=False, elsewhere=ending.elsewhere)
    drawn = 0.09 if "random" in row.lines[0] else 0.01
    assert least - drawn <= row.share <= most + drawn
    assert most == pytest.approx(row.share, abs=drawn)


@pytest.mark.parametrize("row", WEIGHTS[:3], ids=lambda row: f"{row.lines} {row.options}")
def test_a_weight_is_its_share_of_all(row):
    (counts,) = row.came
    among = shares.serving(servers(row.options, row.lines), "b")
    assert {s.name: shares.share(s, among) * sum(counts.values()) for s in among} == counts


def test_backups_get_connections_where_there_are_no_others():
    def names(*options, lines=()):
        return [s.name for s in shares.serving(servers(options, lines), "b")]

    assert names("", "backup", "") == ["s1", "s3"]
    assert names("backup", "backup") == ["s1"]
    assert names("backup", "backup", lines=["option allbackups"]) == ["s1", "s2"]
    assert names("backup", "", lines=["option allbackups"]) == ["s2"]
    assert names("weight 0", "backup weight 0", "backup") == ["s3"]
    assert names("weight 0", "weight 0") == []
    assert names("disabled", "backup") == ["s2"]
    assert shares.serving(servers([""]), "elsewhere") == []


def test_how_a_server_is_chosen_is_read():
    def said(balance, mode="tcp"):
        return shares.choice(servers([""], [f"balance {balance}"], mode)[0])

    assert said("roundrobin") == Choice(Way.TURNS)
    assert said("static-rr") == Choice(Way.TURNS, grows=False)
    assert (said("random").draws, said("random(7)").draws) == (2, 7)
    assert said("source") == Choice(Way.HASH, grows=False)
    assert said("source\n hash-type consistent") == Choice(Way.HASH)
    assert said("uri") == Choice(Way.TURNS)
    assert said("uri", "http").way is Way.HASH
    assert said("first") == Choice(Way.FIRST, grows=False)


@pytest.mark.parametrize("weight", [1, 3, 256])
def test_a_share_grows_in_sixteenths_once_a_second(weight):
    grown = [shares.warmed(4.0, second + 0.9) for second in range(len(GROWN))]
    assert [256 * part for part in grown] == [eweight for eweight, _ in GROWN]
    beside = [float(weight * part / (2 * weight + weight * part)) for part in grown]
    assert beside == pytest.approx([share for _, share in GROWN], abs=0.001)


@given(st.floats(1, 600), st.floats(0, 700))
def test_it_never_shrinks_and_ends_whole(slowstart_s, since_s):
    part = shares.warmed(slowstart_s, since_s)
    assert Fraction(1, 16) <= part <= shares.warmed(slowstart_s, since_s + 1)
    assert (part == 1) or since_s < slowstart_s


OPTIONS = st.builds(
    lambda weight, backup, disabled: f"{CHECKED} weight {weight}{' backup' * backup}{' disabled' * disabled}",
    *(st.integers(0, 256), st.booleans(), st.booleans()),
)
BALANCES = st.sampled_from(["roundrobin", "static-rr", "leastconn", "random", "random(5)", "source", "first"])


@given(st.lists(OPTIONS, max_size=6), BALANCES, st.booleans(), st.booleans(), st.booleans())
def test_whatever_the_weights_all_shares_are_one(options, balance, all_backups, silent, elsewhere):
    found = servers(options, [f"balance {balance}", *["option allbackups"] * all_backups])
    among = shares.serving(found, "b")
    assert all(s.weight and not s.disabled for s in among)
    assert len({s.backup for s in among}) <= 1
    assert bool(among) == any(s.weight and not s.disabled for s in found)
    assert sum(shares.share(s, among) for s in among) == (1 if among else 0)
    for server in among:
        least, most = shares.met(server, among, silent, elsewhere)
        assert 0 <= least <= most <= 1


def test_of_the_heaviest_nearly_all_is_the_firsts():
    first, _, last = among = servers(HEAVIEST)
    assert (shares.share(first, among), shares.share(last, among)) == (Fraction(256, 385), Fraction(1, 385))


@given(st.integers(1, 600))
def test_it_is_whole_from_the_second_on_that_is_told(slowstart_s):
    whole_s = shares.whole_after_s(slowstart_s)
    assert shares.warmed(slowstart_s, whole_s) == 1
    assert whole_s == 1 or shares.warmed(slowstart_s, whole_s - 1) < 1
