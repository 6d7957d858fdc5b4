import pytest

from harness.errors import ProfileError
from harness.profile.keepalived import parse, processes, scripts, track_files


def script(body):
    return scripts(parse(f'vrrp_script s {{\n script "/bin/check"\n{body}\n}}\n', "k.conf"))["s"]


def test_by_default_a_script_runs_every_second_and_fails_at_once():
    found = script("")
    assert (found.interval_s, found.timeout_s, found.rise, found.fall, found.weight) == (1, 1, 1, 1, 0)
    assert (found.reverse, found.init_fail, found.user, found.remarks) == (False, False, "", ())
    assert found.at("interval") == found.at("") and found.at("script").line == 2


@pytest.mark.parametrize(
    ("said", "field", "taken"),
    [
        ("interval 3", "interval_s", 3),
        ("interval 3s", "interval_s", 3),
        ("interval 0.5", "interval_s", 1),
        ("interval 1.9", "interval_s", 1),
        ("interval -1", "interval_s", 1),
        ("interval 4\ninterval 5000", "interval_s", 4),
        ("interval 7", "timeout_s", 7),
        ("timeout 0", "timeout_s", 1),
        ("interval 9\ntimeout 2", "timeout_s", 2),
        ("fall 0", "fall", 1),
        ("fall 4\nfall 0", "fall", 1),
        ("rise 2x", "rise", 2),
        ("weight 300", "weight", 300),
        ("weight -2\nweight 5", "weight", 5),
        ("weight 5 reverse", "reverse", True),
        ("user nobody nogroup", "user", "nobody"),
        ("init_fail", "init_fail", True),
        ('script "/bin/a b" c', "command", "/bin/a b"),
        ("script /bin/a b", "command", "/bin/a"),
        ("script '/bin/a b'", "command", "/bin/a b"),
        ('script "/bin/sh -c \\"a b\\""', "command", '/bin/sh -c "a b"'),
        ("script", "command", "/bin/check"),
        ('script " "', "command", "/bin/check"),
    ],
)
def test_a_script_is_what_the_daemon_takes(said, field, taken):
    assert getattr(script(said), field) == taken


def test_of_equal_names_the_first_that_has_a_command_counts():
    text = "vrrp_script s {\n}\nvrrp_script s {\nscript /a\n}\nvrrp_script s {\nscript /b\n}\nvrrp_script t {\n}\n"
    found = scripts(parse(text, "k.conf"))
    assert (found["s"].command, found["t"].command) == ("/a", "")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("weight", "k.conf:3: weight lacks its value"),
        ("fall", "k.conf:3: fall lacks its value"),
        ("script '/bin/open", "k.conf:3: no closing quotation"),
        ('script "/bin/open \'within"', "k.conf:3: no closing quotation"),
        ("script /bin/x\\", "k.conf:3: no closing quotation, or a last backslash"),
    ],
)
def test_what_is_no_value_is_named_with_its_line(said, told):
    with pytest.raises(ProfileError, match=told):
        script(said)


def test_what_is_no_number_leaves_the_default():
    found = script("interval soon\n rise +")
    assert (found.interval_s, found.rise) == (1.0, 1)
    assert [remark.where.line for remark in found.remarks] == [3, 4]


@pytest.mark.parametrize("said", ["interval 0.5", "interval 0", "timeout 0.9"])
def test_less_than_a_second_is_one_and_that_is_told(said):
    (told,) = script(said).remarks
    assert told.text.startswith(f"{said} is not a whole number in 1–") and told.text.endswith(": keepalived takes 1")


def test_a_script_without_a_name_is_refused():
    with pytest.raises(ProfileError, match="k.conf:1: vrrp_script lacks its value"):
        scripts(parse("vrrp_script {\n}\n", "k.conf"))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", (0, False, 1, None, 0.0, 0.0)),
        ("weight 0\nweight 4 reverse\nweight 5", (4, True, 1, None, 0.0, 0.0)),
        ("weight 300", (0, False, 1, None, 0.0, 0.0)),
        ("quorum 2\nquorum_max 5", (0, False, 2, 5, 0.0, 0.0)),
        ("quorum 6\nquorum_max 5", (0, False, 6, None, 0.0, 0.0)),
        ("quorum_max 0", (0, False, 0, 0, 0.0, 0.0)),
        ("delay 2\nterminate_delay 0.5", (0, False, 1, None, 2.0, 0.5)),
        ("fork_delay 9999", (0, False, 1, None, 0.0, 0.0)),
    ],
)
def test_a_process_is_what_the_daemon_takes(said, expected):
    text = f"vrrp_track_process p {{\nprocess haproxy -W\nprocess other\n{said}\n}}\n"
    found = processes(parse(text, "k.conf"))["p"]
    assert found.command == "haproxy -W"
    assert expected == (
        found.weight,
        found.reverse,
        found.least,
        found.most,
        found.fork_delay_s,
        found.terminate_delay_s,
    )


def test_a_file_counts_once_by_default():
    text = "track_file a {\nfile /a\n}\nvrrp_track_file b {\nfile /b\nfile /c\nweight 3 reverse\nweight 4\n}\n"
    found = track_files(parse(text, "k.conf"))
    assert [(f.name, f.file, f.weight, f.reverse) for f in found.values()] == [
        ("a", "/a", 1, False),
        ("b", "/b", 3, True),
    ]
