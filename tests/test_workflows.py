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
    "advisories": {"issue": {"issues": "write"}},
    "frameworks": {"issue": {"issues": "write"}},
    "preview": {"fetch": {"actions": "read"}, "announce": {"statuses": "write"}},
    "publish": {
        "deploy": {"pages": "write", "id-token": "write"},
        "notebooks": {"contents": "write"},  # runs nothing of ours, pushes one branch
    },
    "release": {"sign": {"id-token": "write"}, "release": {"contents": "write"}},
}


def read(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_action_is_pinned_to_a_commit(path):
    lines = [line for line in path.read_text().splitlines() if " uses:" in line]

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
    branch = importlib.import_module("foible_book.notebooks").BRANCH
    sys.path.pop(0)
    job = read(FOLDER / "workflows/publish.yml")["jobs"]["notebooks"]
    commands = " ".join(step.get("run", "") for step in job["steps"]).split()

    assert {step.get("uses", "").partition("@")[0] for step in job["steps"]} == {
        "actions/download-artifact",
        "",
    }
    assert set(commands) & {"make", "pip", "python", "python3", "bash"} == set()
    assert commands[-1] == branch


@pytest.mark.parametrize("name", ["advisories", "frameworks"])
def test_the_job_that_opens_an_issue_runs_no_code_and_puts_no_words_into_a_command(
    name,
):
    workflow = read(FOLDER / f"workflows/{name}.yml")
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


def steps_of(workflow, job):
    return read(FOLDER / f"workflows/{workflow}.yml")["jobs"][job]["steps"]


def test_what_a_pull_request_changes_is_said_by_the_main_branch():
    """A pull request may change every workflow that runs for it, but not this one."""
    preview = read(FOLDER / "workflows/preview.yml")
    compare = steps_of("preview", "compare")
    checkout = next(s for s in compare if "checkout" in s.get("uses", ""))
    site = next(s for s in compare if "download-artifact" in s.get("uses", ""))
    commands = " ".join(step.get("run", "") for step in compare)

    assert preview[True] == {
        "workflow_run": {"workflows": ["check"], "types": ["completed"]}
    }
    assert set(checkout["with"]) == {"persist-credentials"}  # no ref: the main branch
    assert site["with"]["path"].startswith("${{ runner.temp }}/")
    assert "${{" not in commands
    assert "changed_pages" not in (FOLDER / "workflows/check.yml").read_text()


def test_a_release_is_signed_with_its_list_of_packages():
    inputs = steps_of("release", "sign")[1]["with"]["inputs"].split()
    build = " ".join(step.get("run", "") for step in steps_of("release", "build"))

    assert inputs == ["foible-*.tar.gz", "foible-*.cdx.json"]
    assert "make sbom" in build
    assert read(FOLDER / "workflows/release.yml")["jobs"]["release"]["needs"] == "sign"


def test_an_old_release_is_published_again_only_if_this_repository_signed_it():
    build = " ".join(step.get("run", "") for step in steps_of("publish", "build"))

    verified = build.index("sigstore verify github --name release")
    assert verified < build.index("place_releases.sh")
    assert '--repository "$GITHUB_REPOSITORY"' in build[verified:]


def test_containers_are_named_by_digest_in_one_place():
    named = re.findall(r"^ +container: (.*?)(?: #.*)?$", texts(), re.MULTILINE)
    (image,) = (FOLDER / "container/Dockerfile").read_text().split("FROM ")[1:]

    assert named == ["${{ needs.image.outputs.name }}"]
    assert re.fullmatch(r"[\w.:-]+@sha256:[0-9a-f]{64}", image.strip())


def test_everything_that_is_pinned_is_renewed_by_somebody():
    updates = read(FOLDER / "dependabot.yml")["updates"]

    watched = {(one["package-ecosystem"], one["directory"]) for one in updates}
    assert watched == {
        ("pip", "/"),
        ("github-actions", "/"),
        ("docker", "/.github/container"),
        ("npm", "/scripts/audit"),
    }
    for _, folder in watched:
        assert (FOLDER.parent / folder[1:]).is_dir()


def test_the_index_of_torch_stands_in_one_place():
    assert "download.pytorch.org" not in texts()
    assert (FOLDER.parent / "Makefile").read_text().count("download.pytorch.org") == 1


def texts():
    return "\n".join(path.read_text() for path in WORKFLOWS)


def test_what_other_people_wrote_stands_beside_their_licence():
    root = FOLDER.parent
    theirs = [
        *root.glob("book/_theme/**/*.woff2"),
        *root.glob("book/_theme/**/reveal.*"),
        *root.glob("tests/**/*.min.js"),
        *root.glob("tests/**/schema.json"),
    ]

    assert theirs
    for path in theirs:
        licences = [*path.parent.glob("LICENSE*"), *path.parent.glob("OFL*")]
        assert [len(text.read_text()) > 1000 for text in licences] == [True], path
