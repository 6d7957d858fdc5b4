"""What the doctor promises is so: whatever a machine lacks, something that exists goes without it."""

from types import SimpleNamespace

import pytest

from harness.lab import doctor
from harness.lab.doctor import Grade


def client():
    """Return an engine whose containers can be made."""
    container = SimpleNamespace(start=lambda: None, remove=lambda force: None)
    return SimpleNamespace(
        images=SimpleNamespace(get=lambda tag: tag),
        containers=SimpleNamespace(create=lambda *image, **how: container),
    )


@pytest.mark.parametrize(("code", "grade"), [(0, Grade.GOOD), (1, Grade.NOTE)])
def test_a_kernel_is_asked_for_what_a_lab_uses_and_for_nothing_else(code, grade, monkeypatch):
    monkeypatch.setattr(doctor, "output", lambda container, *command: (code, b""))
    macvlan, dropping = doctor._kernel(client())
    assert (macvlan.grade, macvlan.what, dropping.grade, dropping.what) == (grade, "macvlan", grade, "dropping frames")
    assert macvlan.remedy == ("a profile whose files speak of more than one interface needs it" if code else "")
    assert dropping.remedy.startswith("NodeFreeze needs it" if code else "")


def test_a_machine_without_cpu_quotas_lacks_nothing():
    found = doctor._cgroup({"CgroupVersion": "2", "CpuCfsQuota": False})
    assert (found.grade, found.found, found.remedy) == (Grade.GOOD, "version 2", "")
