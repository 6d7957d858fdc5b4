import pytest

from harness.errors import HarnessError, UsageError
from harness.lint.examine import examine
from harness.lint.reading import read
from harness.lint.rule import GROUP, rules
from tests.lint.files import made

OWN = """
from harness.lint.rule import Problem, Severity, rule
from harness.profile.where import Where

@rule("ACME1", "a rule of a house", "https://example.org/")
def numbered(setup):
    for conf in setup.confs:
        yield Problem(Where(conf.path, 1), Severity.INFO, "seen")
"""


def brought(installed, module=OWN, value="house_rules"):
    installed.package("house-rules", module, rules=f"house = {value}")


def test_a_package_brings_rules_by_entry_point(installed, tmp_path):
    brought(installed)
    assert {"ACME1", "K01", "H01"} <= {one.code for one in rules()}
    found = [f for f in made(tmp_path / "files") if f.code == "ACME1"]
    assert [f.path.split("/")[-2] for f in found] == ["m1", "m2", "m3"]


def test_a_comment_takes_leave_of_a_strangers_rule_too(installed, tmp_path):
    brought(installed)
    ignored = ("*/keepalived.conf", "global_defs {", "global_defs {  # harness: ignore ACME1")
    assert made(tmp_path / "files", ignored) == []


def test_a_rule_that_is_imported_is_not_brought_twice(installed):
    brought(installed, f"from harness.lint.rules.grace import given_up\n{OWN}")
    assert [one.code for one in rules()].count("C01") == 1


@pytest.mark.parametrize(
    ("module", "value", "says"),
    [
        ("import nowhere", "house_rules", "ModuleNotFoundError: No module named 'nowhere'"),
        (OWN.replace("ACME1", "acme-1"), "house_rules", "a rule's code is capitals and a number, .* not 'acme-1'"),
        ("", "house_rules", "there is no rule; a rule is a function under @rule"),
        ("ALL = []", "house_rules:ALL", "this is no module with rules, but of type list"),
    ],
)
def test_what_keeps_a_package_from_bringing_rules_is_told(installed, module, value, says):
    brought(installed, module, value)
    with pytest.raises(UsageError, match=rf"^house-rules: its entry point house = {value} in {GROUP}: {says}"):
        rules()


def test_a_code_that_is_taken_is_refused_naming_both_packages(installed):
    brought(installed, OWN.replace("ACME1", "K01"))
    with pytest.raises(UsageError, match="house-rules brings the rule 'K01', which failover-harness has: rename it"):
        rules()


def test_a_rule_that_crashes_is_named_with_its_line(installed, tmp_path):
    """A series of trials asks the rules for reasons, and goes on after an error of the harness' own kind."""
    brought(installed, OWN.replace("conf.path, 1", "conf.where, 1"))
    with pytest.raises(HarnessError, match=r"house_rules.py:8: the rule ACME1 crashed: AttributeError: 'Conf' object"):
        made(tmp_path / "files")


def test_a_finding_in_a_file_that_was_not_read_is_a_finding(installed, tmp_path):
    brought(installed, OWN.replace("conf.path, 1", "'/etc/hosts', 1"))
    made(tmp_path / "files")
    assert "/etc/hosts" in {f.path for f in examine(read([tmp_path / "files"]))}
