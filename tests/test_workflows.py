"""Do the workflows run pinned actions, with no right that they do not need?"""

import re
from pathlib import Path

import pytest
import yaml

FOLDER = Path(__file__).parents[1] / ".github"
WORKFLOWS = sorted(FOLDER.glob("workflows/*.yml"))
FORMS = sorted(FOLDER.glob("ISSUE_TEMPLATE/*.yml"))
PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
READING = {"contents": "read"}
MORE = {
    "publish": {"deploy": {"pages": "write", "id-token": "write"}},
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
