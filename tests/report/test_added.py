from harness.profile.record import Record
from harness.report.added import configuration


def kept(files: dict[str, str], ran: dict[str, str]) -> Record:
    return Record("p", "p", "10.0.0.1", "haproxy", {}, files, {}, {}, ran)


def test_a_file_is_shown_once_for_all_nodes_that_have_it():
    files = {"m1/etc/a": "one\n", "m2/etc/a": "one\n", "m3/etc/a": "other\n"}
    first, second = configuration(kept(files, files))
    assert (first.nodes, first.path, first.added) == ("m1, m2", "/etc/a", [])
    assert second.nodes == "m3"


def test_what_was_added_is_a_diff():
    told = configuration(kept({"m1/etc/a": "one\ntwo\n"}, {"m1/etc/a": "one\nmore\ntwo\n"}))
    assert [line for line in told[0].added if line[0] == "add"] == [("add", "+more")]


def test_no_secret_is_shown():
    text = "authentication {\n    auth_type PASS\n    auth_pass s3cret\n}\n"
    (shown,) = configuration(kept({"m1/etc/k.conf": text}, {"m1/etc/k.conf": f"{text}# ours\n"}))
    assert "s3cret" not in shown.text + str(shown.added) and "auth_pass ***" in shown.text
