import pytest

from harness import plugins
from harness.errors import UsageError

GROUP = "failover_harness.reports"


def test_ours_are_found_by_entry_point_too_and_come_first(installed):
    installed.package("a-stranger", reports="a = a_stranger:a")
    assert [(plugins.package(one), one.name) for one in plugins.points(GROUP)] == [
        ("failover-harness", "html"),
        ("a-stranger", "a"),
    ]


def test_where_ours_are_missing_nothing_is_found_in_silence(installed, monkeypatch):
    monkeypatch.setattr(plugins, "entry_points", lambda group: [])
    plugins.points.cache_clear()
    with pytest.raises(UsageError, match=f"failover-harness is installed without its own {GROUP}: install it anew"):
        plugins.points(GROUP)


@pytest.mark.parametrize(
    ("module", "cause"),
    [
        ("import nowhere", "ModuleNotFoundError: No module named 'nowhere'"),
        ("", "AttributeError: module 'a_stranger' has no attribute 'a'"),
        ("a = 1", "this is no function, but of type int"),
    ],
)
def test_what_cannot_be_loaded_is_told_with_package_entry_point_value_and_cause(installed, module, cause):
    installed.package("a-stranger", module, reports="mine = a_stranger:a")
    with pytest.raises(UsageError) as told:
        plugins.function(GROUP, "report format", "mine")
    assert str(told.value) == f"a-stranger: its entry point mine = a_stranger:a in {GROUP}: {cause}"


def test_of_several_only_the_one_that_is_asked_for_is_loaded(installed):
    installed.package("a-stranger", "raise OSError", reports="other = a_stranger:a")
    assert callable(plugins.function(GROUP, "report format", "html"))


@pytest.mark.parametrize(("name", "hint"), [("htm", "did you mean 'html'?"), ("pdf", "there are html")])
def test_a_name_that_nobody_has_is_told_with_the_nearest_or_with_all(name, hint):
    with pytest.raises(UsageError, match=rf"^no report format '{name}': {hint}".replace("?", r"\?")):
        plugins.function(GROUP, "report format", name)


def test_a_name_that_is_taken_is_refused_naming_both_packages(installed):
    installed.package("a-stranger", "a = print", reports="html = a_stranger:a")
    with pytest.raises(UsageError, match="a-stranger brings the report format 'html', which failover-harness has"):
        plugins.function(GROUP, "report format", "html")
