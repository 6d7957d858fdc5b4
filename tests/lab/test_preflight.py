import shutil

import pytest

from harness import assets
from harness.errors import LabError, ProfileError
from harness.lab import images, labels, preflight
from harness.profile import folder as profiles

pytestmark = pytest.mark.lab


@pytest.fixture
def checked(engine, tmp_path):
    """Return what preflight says of the article's profile with one file changed."""

    def check(file: str, before: str, after: str) -> list[str]:
        folder = tmp_path / "mine"
        shutil.copytree(assets.PROFILES / "article", folder)
        text = (folder / file).read_text()
        assert before in text
        (folder / file).write_text(text.replace(before, after, 1))
        tag = images.ensure(engine, "master", print)
        return preflight.check(engine, profiles.load(folder), tag, labels.mark("fh-test-preflight"))

    return check


def line_of(path, word: str) -> int:
    return next(n for n, line in enumerate(path.read_text().splitlines(), 1) if word in line)


def test_a_remark_is_said_once_for_all_nodes(checked):
    remarks = checked("m1/keepalived.conf", "priority 110", "priority 111")
    assert sum("Truncating auth_pass" in r for r in remarks) == 1
    assert "m1/keepalived.conf:19 (and in 2 more)" in remarks[0]


@pytest.mark.parametrize(
    ("lacks", "before", "after"),
    [
        ("virtual_server", "vrrp_instance", "virtual_server 198.18.0.100 443 {\n    protocol TCP\n}\nvrrp_instance"),
        ("use_vmac", "    interface", "    use_vmac\n    interface"),
    ],
)
def test_what_the_engines_kernel_cannot_carry_is_said_with_its_line(checked, tmp_path, lacks, before, after):
    try:
        checked("m1/keepalived.conf", before, after)
    except LabError as error:  # as its kernel may well
        line = line_of(tmp_path / "mine/m1/keepalived.conf", lacks)
        assert f"m1/keepalived.conf:{line}: a lab cannot carry {lacks} here" in str(error)


def test_a_setting_that_keepalived_drops_is_a_remark_with_its_line(checked, tmp_path):
    remarks = checked("m2/keepalived.conf", "advert_int 1", "advert_interval 1")
    line = line_of(tmp_path / "mine/m2/keepalived.conf", "advert_interval")
    assert any(f"m2/keepalived.conf:{line}: Unknown keyword" in remark for remark in remarks)


def test_a_script_that_keepalived_removes_is_a_remark(checked):
    remarks = checked("m2/keepalived.conf", "router_id LVS", "enable_script_security")
    assert any("Unable to set default user" in remark for remark in remarks)


def test_what_haproxy_refuses_is_named_with_its_line(checked, tmp_path):
    with pytest.raises(ProfileError) as error:
        checked("haproxy.cfg", "balance", "ballance")
    line = line_of(tmp_path / "mine/haproxy.cfg", "ballance")
    assert f"haproxy.cfg:{line}:" in str(error.value)


def test_nothing_of_it_stays(engine, checked):
    checked("m1/keepalived.conf", "priority 110", "priority 111")
    marked = {"label": f"{labels.LAB}=fh-test-preflight"}
    assert engine.containers.list(all=True, filters=marked) == []
