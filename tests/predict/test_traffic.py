"""What clients do to an eviction, and what slowstart does to a return."""

import pytest

from harness.chain.failure import Kind
from harness.predict.timers import Timers
from tests.predict.made import ends, predicted, profile


def row(options, kind=Kind.APISERVER_DEAD, **edits):
    made = profile(haproxy={" check ": f" check {options} "} | edits)
    return predicted(made, kind, node="m2").evictions["m1", "master1"]


@pytest.mark.parametrize(
    ("options", "errors", "connections"),
    [
        ("observe layer4 on-error mark-down", 10, 8),
        ("observe layer4 on-error mark-down error-limit 40", 40, 30),
        ("observe layer4", 30, 23),
        ("observe layer4 fall 2 error-limit 4", 8, 6),
        ("observe layer4 on-error sudden-death", 20, 15),
    ],
)
def test_enough_errors_take_a_dead_server_out_at_once(options, errors, connections):
    out = row(options)["eviction_s"]
    assert (out.bounds.min, out.shares_s) == (0, None)
    assert out.bounds.max == (4 if "fall 2" in options else 6)
    assert out.why == (
        f"{errors} errors in a row, as {connections} new connections make, take it out at once; "
        "without clients a check fails at once"
    )
    assert [one.text for one in out.settings][-3:-1] == ["observe layer4", f"error-limit {errors_at_once(options)}"]
    assert row(options)["first_failed_check_s"].bounds.min == 0


def errors_at_once(options):
    return int(options.partition("error-limit ")[2] or 10)


def test_a_retry_elsewhere_makes_one_error_of_a_connection_and_takes_others_turns():
    made = {"balance +roundrobin": "balance roundrobin\n option redispatch"}
    assert (
        "10 errors in a row, as 20 new connections make"
        in row("observe layer4 on-error mark-down", **made)["eviction_s"].why
    )


def test_of_a_silent_server_each_error_takes_its_timeout():
    out = row("observe layer4 on-error mark-down", Kind.NODE_CRASH)["eviction_s"]
    assert ends(out) == (10, 12)  # timeout connect is as long as five checks
    assert "take it out after 10 s" in out.why
    sooner = row("observe layer4 on-error mark-down", Kind.NODE_CRASH, **{"timeout connect.*": "timeout connect 1s"})
    assert ends(sooner["eviction_s"]) == (1, 12)


def test_fastinter_hastens_nothing_but_the_next_check_and_only_where_it_is_written():
    assert row("observe layer4 on-error fastinter")["eviction_s"].shares_s is not None
    fast = row("observe layer4 on-error fastinter fastinter 500ms")["eviction_s"]
    assert ends(fast) == (1, 3)
    assert fast.why.startswith("10 errors in a row have its next check come within 0.5 s; without clients")


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ("observe layer4 on-error mark-down", Kind.APISERVER_HUNG),  # its kernel accepts
        ("observe layer7 on-error mark-down", Kind.APISERVER_DEAD),  # haproxy ignores that in mode tcp
        ("observe layer4 on-error mark-down weight 0", Kind.APISERVER_DEAD),
        ("observe layer4 on-error mark-down backup", Kind.APISERVER_DEAD),
    ],
)
def test_where_no_errors_come_its_checks_decide(options, kind):
    plain = options.rpartition(" ")[2] if options[-1] in "0p" else ""
    assert row(options, kind)["eviction_s"] == row(plain, kind)["eviction_s"]


def test_one_that_never_comes_first_has_no_errors():
    made = row("observe layer4 on-error mark-down", **{"balance +roundrobin": "balance first"})
    assert made["eviction_s"].shares_s is not None


def test_a_check_that_still_waits_has_failed_by_fastinter():
    """haproxy had a silent server out after 0.94 s, and after 5.1 without it."""
    hasty = "inter 3s fall 1 observe layer4 on-error fastinter fastinter 200ms"
    out = row(hasty, Kind.NODE_CRASH, **{"timeout connect.*": "timeout connect 300ms"})["eviction_s"]
    assert ends(out) == (0.3, 6)
    assert ends(row("inter 3s fall 1", Kind.NODE_CRASH)["eviction_s"]) == (3, 6)


def test_what_clients_take_out_and_checks_put_back_has_no_time():
    http = {"^ *mode +tcp *$": " mode http"}
    out = row("observe layer7 on-error mark-down", Kind.APISERVER_ERRORS, **http)["eviction_s"]
    assert (out.open, out.depends) == (True, "how many clients there are")
    assert out.why.endswith("take it out at once; its checks pass all the same, and put it back")


def test_budgets_bear_with_both():
    made = profile(haproxy={" check ": " check observe layer4 on-error mark-down "})
    assert (Timers(made).eviction_refused_s.min, Timers(profile()).eviction_refused_s.min) == (0, 4)
    assert Timers(made).eviction_refused_s.max == Timers(profile()).eviction_refused_s.max


def test_with_slowstart_a_server_that_is_back_gets_its_share_by_and_by():
    grows = row("slowstart 60s rise 3 weight 256")["warmup_s"]
    assert ends(grows) == (57, 57)
    assert grows.why == "from UP: its share grows once a second from 3 % to 33 % of the connections"
    assert [one.text for one in grows.settings] == ["slowstart 60s"]
    assert ends(row("slowstart 60s rise 3 weight 256")["readmission_s"]) == ends(row("rise 3")["readmission_s"])


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ("balance leastconn", "of the open connections, and until it holds that it gets every new one"),
        ("balance source\n hash-type consistent", "of the clients"),
    ],
)
def test_what_grows_is_what_the_algorithm_shares_out(lines, what):
    assert row("slowstart 60s", **{"balance +roundrobin": lines})["warmup_s"].why.endswith(f"33 % {what}")


@pytest.mark.parametrize("lines", ["balance static-rr", "balance source", "balance first"])
def test_who_does_not_look_at_changing_weights_gives_the_whole_share_at_once(lines):
    assert "warmup_s" not in row("slowstart 60s", **{"balance +roundrobin": lines})


def test_the_only_active_one_gets_all_whatever_its_weight():
    assert "warmup_s" not in row("slowstart 60s backup", **{"(server master1 .*) backup": r"\1"})
