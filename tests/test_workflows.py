"""Do the workflows run pinned actions, with no right that they do not need?"""

import importlib
import re
import sys
from pathlib import Path

import pytest
import yaml

FOLDER = Path(__file__).parents[1] / ".github"
WORKFLOWS = sorted(FOLDER.glob("workflows/*.yml"))
FORMS = sorted(FOLDER.glob("ISSUE_TEMPLATE/*.yml"))
PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
READING = {"contents": "read"}
MORE = {
    "frameworks": {"issue": {"issues": "write"}},
    "publish": {
        "deploy": {"pages": "write", "id-token": "write"},
        "notebooks": {"contents": "write"},  # runs nothing of ours, pushes one branch
    },
    "release": {"release": {"contents": "write"}},
}


def read(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_action_is_pinned_to_a_commit(path):
    lines = [line for line in path.read_text().splitlines() if "uses:" in line]

    assert lines
    assert [line for line in lines if not PINNED.search(line)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_read_and_only_one_job_that_runs_nothing_of_ours_more(path):
    workflow = read(path)
    given = {
        name: job["permissions"]
        for name, job in workflow["jobs"].items()
        if "permissions" in job
    }

    assert workflow["permissions"] == READING
    assert given == MORE.get(path.stem, {})
    for name in given:
        steps = workflow["jobs"][name]["steps"]
        assert not [it for it in steps if "checkout" in it.get("uses", "")]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_no_workflow_holds_a_secret_or_keeps_credentials(path):
    text = path.read_text()

    assert "secrets." not in text
    assert "pull_request_target" not in text
    assert text.count("actions/checkout") == text.count("persist-credentials: false")


def test_the_job_that_may_write_runs_no_code_and_pushes_the_branch_of_the_links():
    sys.path.insert(0, str(FOLDER.parent / "book/_ext"))
    branch = importlib.import_module("notebooks").BRANCH
    sys.path.pop(0)
    job = read(FOLDER / "workflows/publish.yml")["jobs"]["notebooks"]
    commands = " ".join(step.get("run", "") for step in job["steps"]).split()

    assert {step.get("uses", "").partition("@")[0] for step in job["steps"]} == {
        "actions/download-artifact",
        "",
    }
    assert set(commands) & {"make", "pip", "python", "python3", "bash"} == set()
    assert commands[-1] == branch


def test_the_job_that_opens_an_issue_runs_no_code_and_puts_no_words_into_a_command():
    workflow = read(FOLDER / "workflows/frameworks.yml")
    steps = workflow["jobs"]["issue"]["steps"]
    commands = " ".join(step.get("run", "") for step in steps)

    assert "schedule" in workflow[True]  # which is how YAML reads `on`
    assert {step.get("uses", "").partition("@")[0] for step in steps} == {
        "actions/download-artifact",
        "",
    }
    assert set(commands.split()) & {"make", "pip", "python", "bash", "eval"} == set()
    assert "${{" not in commands


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_asks_only_what_can_be_answered(path):
    form = read(path)
    if path.stem == "config":
        assert form == {"blank_issues_enabled": True}
        return

    assert {"name", "description", "body"} <= form.keys()
    for question in form["body"]:
        assert question["attributes"]["label"]
        assert question["validations"] == {"required": True}
