"""The scenarios' fixtures come from harness.pytest_plugin, which installing the package registers."""

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every trial as what nothing may run beside."""
    for item in items:
        if "trial" in getattr(item, "fixturenames", ()):
            item.add_marker("alone")
