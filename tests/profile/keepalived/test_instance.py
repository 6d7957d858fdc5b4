import pytest

from harness.errors import ProfileError
from harness.profile.keepalived import instances, parse
from tests.profile.oracle import FILES, on_node

HEAD = "vrrp_instance A {\n interface eth0\n virtual_router_id 7\n"
VIP = " virtual_ipaddress {\n  10.0.0.5/24 dev eth0 label eth0:1\n }\n"


def instance(body, before=""):
    (found,) = instances(parse(f"{before}{HEAD}{body}}}\n", "k.conf", "m1"))
    return found


def of(name, node="m1"):
    files = on_node(FILES / "keepalived" / name)
    root = parse(files["/etc/keepalived/keepalived.conf"], "k.conf", node, files)
    return {found.name: found for found in instances(root)}


def line(name, said):
    text = (FILES / "keepalived" / name / "keepalived.conf").read_text()
    return next(number for number, raw in enumerate(text.splitlines(), 1) if said in raw)


def test_by_default_it_is_what_the_daemon_makes_of_nothing():
    found = instance("")
    assert (found.state, found.priority, found.version, found.advert_int_s) == ("BACKUP", 100, 2, 1.0)
    assert (found.down_timer_adverts, found.preempts, found.preempt_delay_s) == (3, True, 0.0)
    assert (found.auth_type, found.auth_pass, found.unicast_src_ip, found.unicast_peers) == ("", "", None, ())
    assert (found.garp.delay_s, found.garp.repeat, found.garp.refresh_s, found.garp.lower_repeat) == (5, 5, 0, 5)
    assert (found.scripts, found.addresses, found.sync_group, found.remarks) == ((), (), "", ())
    assert found.at("priority") == found.at("") and str(found.at("interface")) == "k.conf:2"


@pytest.mark.parametrize(
    ("said", "version", "taken"),
    [
        ("advert_int 0.3", 2, 1.0),
        ("advert_int 1.5", 2, 2.0),
        ("advert_int 2.5", 2, 3.0),
        ("advert_int 0.3\n version 3", 3, 0.3),
        ("advert_int 0.255\n version 3", 3, 0.26),
        ("advert_int 41\n version 3", 3, 40.95),
        ("advert_int 0.001", 2, 1.0),
        ("advert_int 3s", 2, 1.0),
        ("advert_int 256", 2, 1.0),
        ("advert_int 2\n advert_int 300", 2, 2.0),
        ("advert_int -1", 2, 1.0),
        ("advert_int 0.0149999\n version 3", 3, 0.02),
        ("advert_int 1.00000049", 2, 1.0),
    ],
)
def test_the_advert_interval_is_what_the_version_can_carry(said, version, taken):
    found = instance(f" {said}\n")
    assert (found.version, found.advert_int_s) == (version, taken)


@pytest.mark.parametrize(
    ("said", "state", "priority"),
    [
        ("state MASTER", "MASTER", 255),
        ("state MASTER\n priority 90", "MASTER", 90),
        ("priority 255", "MASTER", 255),
        ("state master\n priority 90", "BACKUP", 90),
        ("state MASTER\n state BACKUP\n priority 1", "MASTER", 1),
        ("state BACKUP\n state MASTER\n priority 254", "MASTER", 254),
        ("priority 256", "BACKUP", 100),
        ("priority 90\n priority 0", "BACKUP", 100),
        ("priority 100x", "BACKUP", 100),
        ("strict_mode\n state MASTER\n priority 90", "BACKUP", 90),
    ],
)
def test_state_and_priority_stand_in_for_each_other(said, state, priority):
    found = instance(f" {said}\n")
    assert (found.state, found.priority) == (state, priority)


@pytest.mark.parametrize(
    ("said", "preempts", "delay_s"),
    [
        ("nopreempt", False, 0.0),
        ("nopreempt\n preempt", True, 0.0),
        ("nopreempt\n state MASTER\n priority 9", True, 0.0),
        ("nopreempt\n priority 255", True, 0.0),
        ("preempt_delay 12.5", True, 12.5),
        ("preempt_delay 1001", True, 0.0),
        ("preempt_delay 5\n nopreempt", False, 0.0),
        ("preempt_delay 5\n state MASTER\n priority 9", True, 0.0),
        ("preempt_delay 5\n strict_mode", True, 0.0),
    ],
)
def test_a_start_as_master_clears_what_holds_preemption_back(said, preempts, delay_s):
    found = instance(f" {said}\n")
    assert (found.preempts, found.preempt_delay_s) == (preempts, delay_s)


@pytest.mark.parametrize(
    ("said", "secret"),
    [
        ("auth_type PASS\n auth_pass 0123456789", ("PASS", "01234567")),
        ("auth_type PASS", ("", "")),
        ("auth_pass x", ("", "")),
        ("auth_type AH\n auth_pass x", ("AH", "x")),
        ("auth_type pass\n auth_pass x", ("", "")),
        ("auth_type PASS\n auth_pass éééééé", ("PASS", "éééé")),
        ("auth_type PASS\n auth_pass x\n }\n version 3\n x {", ("", "")),
    ],
)
def test_of_a_secret_eight_bytes_count_and_version_2_only(said, secret):
    found = instance(f" authentication {{\n {said}\n }}\n{VIP}")
    assert (found.auth_type, found.auth_pass) == secret


@pytest.mark.parametrize(
    ("said", "accepts"),
    [
        ("", True),
        ("no_accept", False),
        ("no_accept\n accept", True),
        ("strict_mode", False),
        ("strict_mode\n accept", False),
        ("strict_mode\n accept\n version 3", True),
        ("strict_mode\n priority 255", True),
        ("no_accept\n priority 255", True),
    ],
)
def test_strict_mode_switches_accept_mode_off_unless_version_3_or_the_owner_says_otherwise(said, accepts):
    assert instance(f" {said}\n").accepts is accepts


def test_accept_that_strict_mode_clears_is_told():
    (remark,) = instance(" accept\n", "global_defs {\n vrrp_strict\n}\n").remarks
    assert str(remark) == ("k.conf:7: accept does not go with vrrp_strict in VRRP version 2: keepalived clears it")


def test_addresses_are_of_the_family_of_the_first():
    found = of("unicast")["V6"]
    assert (found.version, found.addresses) == (3, ("fe80::1:5", "2001:db8::5"))
    assert [r.where.line for r in found.remarks if "10.17.134.6" in r.text] == [line("unicast", "10.17.134.6")]
    v4 = of("unicast")["V4"]
    assert (v4.addresses, v4.excluded) == (("10.17.134.5",), ("2001:db8::99",))
    assert (v4.unicast_src_ip, v4.unicast_peers) == ("10.17.134.11", ("10.17.134.12", "10.17.134.13"))


def test_a_shared_file_says_to_each_node_what_is_its_own():
    assert [of("shared", node)["K8S"].priority for node in ("m1", "m2", "m3", "m5")] == [120, 110, 100, 100]
    assert [of("shared", node)["K8S"].state for node in ("m1", "m2")] == ["MASTER", "BACKUP"]
    assert of("shared")["K8S"].addresses == ("10.17.134.5", "10.17.134.56")
    m4 = of("shared", "m4")["K8S"]
    assert (m4.priority, [str(r) for r in m4.remarks if "many" in r.text]) == (
        100,
        ["k.conf:25: priority many is not a whole number in 1–255: keepalived takes 100"],
    )


def test_defaults_hold_wherever_they_stand_and_tell_their_place():
    found = of("defaults")
    before, after, own = found["BEFORE"], found["AFTER"], found["OWN"]
    assert (before.version, before.down_timer_adverts, own.version, own.down_timer_adverts) == (3, 5, 2, 3)
    assert [i.garp.delay_s for i in (before, after, own)] == [5, 1, 5]
    assert [i.garp.repeat for i in (before, after, own)] == [3, 3, 1]
    assert [i.garp.refresh_repeat for i in (before, after, own)] == [1, 4, 4]
    assert [i.garp.lower_delay_s for i in (before, after, own)] == [5, 8, 0]
    assert before.at("garp_master_refresh").line == line("defaults", "vrrp_garp_master_refresh 30")
    assert before.at("version").line == line("defaults", "vrrp_version")
    assert own.at("version").line == line("defaults", "    version 2")
    assert before.at("priority") == before.at(""), "vrrp_priority is another thing"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (" priority\n", "k.conf:4: priority lacks its value"),
        (" virtual_ipaddress {\n 10.0.0.300\n }\n", "k.conf:5: 10.0.0.300 is not an address"),
        (" virtual_ipaddress {\n 10.0.0.3/33\n }\n", "k.conf:5: 10.0.0.3/33 is not an address"),
        (" unicast_peer {\n m2\n }\n", "k.conf:5: m2 is not an address"),
        (" unicast_src_ip\n", "k.conf:4: unicast_src_ip lacks its value"),
        (" track_interface {\n eth1 weight x\n }\n", "k.conf:5: track_interface eth1 weight x: not a number"),
        (" version two\n", "k.conf:4: version two: not a number"),
    ],
)
def test_what_is_no_value_is_named_with_its_line(body, told):
    with pytest.raises(ProfileError, match=told):
        instance(body)


@pytest.mark.parametrize("said", ["soon", ".", "-1", "256"])
def test_what_is_no_interval_leaves_the_default(said):
    found = instance(f" advert_int {said}\n")
    assert found.advert_int_s == 1.0
    assert [str(r).partition(" is not a number")[0] for r in found.remarks] == [f"k.conf:4: advert_int {said}"]


@pytest.mark.parametrize("head", ["vrrp_instance {\n}\n", "vrrp_instance A B {\n}\n", "vrrp_sync_group {\n}\n"])
def test_what_has_not_exactly_one_name_is_refused(head):
    with pytest.raises(ProfileError, match="k.conf:1: .* takes one name"):
        instances(parse(head, "k.conf"))


@pytest.mark.parametrize(
    ("said", "remark"),
    [
        ("state master", "state master is not known, as it is case sensitive: keepalived takes BACKUP"),
        ("priority 300", "priority 300 is not a whole number in 1–255: keepalived takes 100"),
        ("advert_int 0.3", "VRRP version 2 cannot carry advert_int 0.3 s: keepalived takes 1 s"),
        ("advert_int 3s", "advert_int 3s is not a number in 0.01–255: keepalived takes 1 s"),
        ("nopreempt\n state MASTER", "nopreempt does not go with state MASTER, priority 255: keepalived clears it"),
        ("preempt_delay 5\n nopreempt", "preempt_delay does not go with nopreempt: keepalived clears it"),
        ("strict_mode maybe", "strict_mode maybe: neither true nor false; keepalived ignores it"),
        ("track_interface {\n eth0\n }", "eth0 is its own interface: this line has no effect"),
        ("track_script {\n x\n }", "track_script x: nothing of that name is defined above; keepalived ignores it"),
    ],
)
def test_what_is_not_taken_as_written_is_told(said, remark):
    assert remark in [told.text for told in instance(f" {said}\n").remarks]
