import pytest

from harness.errors import HistoryError, UsageError
from harness.report import formats
from tests.drawn import crash_of_owner
from tests.stored import stored_campaign

OWN = """
from harness import store
from harness.report.formats import Report

def names(folder):
    return Report("names.txt", "\\n".join(store.load_verdict(trial).trial for trial in store.trials(folder)).encode())

def wrong(folder):
    return "names.txt"
"""


@pytest.fixture
def own(installed):
    installed.package("house-reports", OWN, reports="names = house_reports:names\nwrong = house_reports:wrong")


def test_a_package_brings_a_format_by_entry_point(own, tmp_path):
    folder = stored_campaign(tmp_path / "reports", crash_of_owner())
    path = formats.write(folder, "names")
    assert (path, path.read_text()) == (folder / "names.txt", "article-1")
    assert formats.write(folder).name == "index.html"


def test_what_makes_no_report_is_told(own, tmp_path):
    folder = stored_campaign(tmp_path / "reports", crash_of_owner())
    with pytest.raises(UsageError, match=r"the report format wrong made a str, and not a Report\(name, content\)"):
        formats.write(folder, "wrong")


def test_a_folder_without_a_trial_is_told_whatever_the_format(own, tmp_path):
    with pytest.raises(HistoryError, match="no trial there"):
        formats.write(tmp_path, "names")
