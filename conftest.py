"""The scenarios' fixtures come from harness.pytest_plugin, which installing the package registers."""
