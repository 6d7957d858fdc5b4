import io
import json

import pytest
from rich.console import Console

from harness.lint import render
from harness.report import linted
from tests.lint.files import codes, made

BROKEN = ("haproxy.cfg", "default-server check ", "default-server ")


@pytest.fixture
def found(tmp_path):
    return [f for f in made(tmp_path, BROKEN) if f.code == "H01"]


def test_json_is_the_findings_themselves(found):
    first = json.loads(render.json(found))["findings"][0]
    assert (first["code"], first["severity"], first["line"]) == ("H01", "error", 18)


def test_sarif_names_every_rule_and_every_place(found):
    run = json.loads(render.sarif(found))["runs"][0]
    assert {r["id"] for r in run["tool"]["driver"]["rules"]} >= {"K01", "H01", "E01"}
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"] == {"startLine": 18}
    assert [r["level"] for r in run["results"]] == ["error"] * 3


def test_github_shows_it_beside_the_line(found):
    assert render.github(found).splitlines()[0].startswith("::error file=")
    assert "line=18,title=H01::m1 is never checked" in render.github(found)


@pytest.mark.parametrize("change", [("8letters", "s3cretword"), ("8letters", "s3cret1")])
def test_no_format_shows_a_secret(tmp_path, change):
    found = made(tmp_path, ("m2/keepalived.conf", f"auth_pass {change[0]}", f"auth_pass {change[1]}"))
    assert "K06" in codes(found)
    shown = io.StringIO()
    Console(file=shown, width=200).print(linted.page(found))
    for text in (render.json(found), render.sarif(found), render.github(found), shown.getvalue()):
        assert not any(secret[:6] in text for secret in change)


def test_sarif_has_each_rules_page_and_each_remedy(tmp_path):
    found = made(tmp_path, BROKEN)
    run = json.loads(render.sarif(found))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert all(rule["help"]["text"] and rule["help"]["markdown"] and rule["fullDescription"]["text"] for rule in rules)
    for result, finding in zip(run["results"], found, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding.code
        assert ("fixes" in result) is (finding.fix is not None)
    (change,) = run["results"][0]["fixes"][0]["artifactChanges"]
    assert change["replacements"][0]["deletedRegion"] == {"startLine": 18}
    assert change["replacements"][0]["insertedContent"]["text"].endswith("10.0.0.11:6443 check")


def test_a_fingerprint_is_the_lines_own_wherever_it_moves(tmp_path):
    def prints(*changes):
        results = json.loads(render.sarif(made(tmp_path, BROKEN, *changes)))["runs"][0]["results"]
        return [one["partialFingerprints"]["ruleAndLine/v1"] for one in results]

    before = prints()
    assert len(set(before)) == len(before)
    assert prints(("haproxy.cfg", "global\n", "# moved\n\nglobal\n")) == before
