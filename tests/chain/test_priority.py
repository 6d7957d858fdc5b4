import pytest

from harness.chain.priority import effective, master_down_s, skew_s


@pytest.mark.parametrize(
    ("base", "scripts", "found"),
    [
        (110, [(2, False, True)], 112),
        (110, [(2, False, False)], 110),
        (110, [(2, False, None)], 110),
        (110, [(-20, False, True)], 110),
        (110, [(-20, False, False)], 90),
        (110, [(-20, False, None)], 110),
        # Reversed: what a script adds while it passes it takes away, and the other way round.
        (110, [(2, True, True)], 108),
        (110, [(2, True, False)], 110),
        (110, [(-20, True, False)], 130),
        (110, [(-20, True, True)], 110),
        (110, [(0, False, False)], None),
        (110, [(0, False, True)], 110),
        (110, [(0, True, True)], None),
        (110, [(0, True, False)], 110),
        (110, [(0, False, None)], 110),
        (253, [(2, False, True), (9, False, True)], 254),
        (5, [(-20, False, False)], 1),
        # The sum is held within bounds once, at its end.
        (250, [(20, False, True), (-10, False, False)], 254),
        (255, [(-20, False, False)], 255),
        (255, [(0, False, False)], None),
    ],
)
def test_a_priority_is_what_its_scripts_make_of_it(base, scripts, found):
    assert effective(base, scripts) == found


@pytest.mark.parametrize(
    ("priority", "version", "advert_int_s", "skew", "down"),
    [
        (110, 2, 1.0, 0.570312, 3.570312),
        (99, 2, 1.0, 0.613281, 3.613281),
        (255, 2, 1.0, 0.003906, 3.003906),
        (100, 2, 5.0, 0.609375, 15.609375),
        (100, 3, 0.1, 0.060937, 0.360937),
    ],
)
def test_waits_are_whole_microseconds_as_keepalived_counts_them(priority, version, advert_int_s, skew, down):
    assert skew_s(priority, version, advert_int_s) == skew
    assert master_down_s(priority, version, advert_int_s, 3) == pytest.approx(down, abs=1e-9)
