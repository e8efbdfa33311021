"""`rules list|export|import`: on the store itself and at a running gateway."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.test_commands import gateway, run

pytestmark = pytest.mark.timeout(600)


def exported(cwd: Path, *more: str) -> list[dict[str, Any]]:
    done = run("rules", "export", *more, cwd=cwd, WORKSPACE="demo")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_rules_go_out_as_json_and_come_back_changed_or_new(tmp_path: Path) -> None:
    rules = exported(tmp_path)
    assert len(rules) == 7
    assert not any(rule["enabled"] for rule in rules)
    file = tmp_path / "rules.json"
    changed = {**rules[0], "enabled": True, "dailyCap": 2}
    new = {"name": "Another", "kind": "OFFER_EXPIRING", "days": 9}
    file.write_text(json.dumps([changed, new]))
    checked = run("rules", "import", str(file), "--dry-run", cwd=tmp_path, WORKSPACE="demo")
    assert (checked.returncode, checked.stdout) == (0, "2 rules would be saved.\n")
    done = run("rules", "import", str(file), cwd=tmp_path, WORKSPACE="demo")
    assert (done.returncode, done.stdout) == (0, "2 rules saved.\n"), done.stderr
    after = {rule["name"]: rule for rule in exported(tmp_path)}
    assert after[changed["name"]] == changed
    assert after["Another"]["days"] == 9
    assert len(after) == 8


def test_where_one_rule_is_wrong_none_is_saved(tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    right = {"name": "Right", "kind": "OFFER_RECEIVED"}
    file.write_text(json.dumps([right, {"name": "Wrong", "kind": "OFFER_EXPIRING"}]))
    done = run("rules", "import", str(file), cwd=tmp_path)
    assert done.returncode == 1
    assert "Rule 2 (Wrong), input.days" in done.stderr
    assert "Nothing was saved." in done.stderr
    assert exported(tmp_path) == []


@pytest.mark.parametrize("text", ["{", "{}", "[1]"])
def test_what_is_no_list_of_rules_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "rules.json"
    file.write_text(text)
    done = run("rules", "import", str(file), cwd=tmp_path)
    assert done.returncode == 2
    assert "rules.json" in done.stderr


def test_a_running_gateway_is_asked(tmp_path: Path) -> None:
    with gateway(tmp_path, WORKSPACE="demo") as (_, url):
        listed = run("rules", "list", "--endpoint", url, cwd=tmp_path, COLUMNS="200")
        assert listed.returncode == 0, listed.stderr
        assert "ENVELOPE_OUT_OF_BAND" in listed.stdout
        file = tmp_path / "rules.json"
        file.write_text(json.dumps([{"name": "Live", "kind": "OFFER_RECEIVED"}]))
        assert run("rules", "import", str(file), "--endpoint", url, cwd=tmp_path).returncode == 0
        assert "Live" in {rule["name"] for rule in exported(tmp_path, "--endpoint", url)}
