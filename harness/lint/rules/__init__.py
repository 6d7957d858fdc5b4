"""The rules, by what they look at; every module here is found by itself."""
