"""Each of the models that tutorials make is checked, by what it lets one do."""

import warnings

import numpy as np
import pytest
from twenty_models import MODELS

import foible

EXACT, CLIMBED = "exactly", "AutoAttack"
SCORES, LABELS = "Square", "HopSkipJump"
HELD = {  # who has the model; who may only ask
    "logistic regression": (EXACT, SCORES),
    "linear SVC": (EXACT, SCORES),
    "decision tree": (EXACT, SCORES),
    "random forest": ("regions", SCORES),
    "gradient boosting": ("regions", SCORES),
    "histogram boosting": ("regions", SCORES),
    "SVC": ("wanted a linear model", LABELS),
    "k nearest neighbours": ("wanted a linear model", SCORES),
    "naive Bayes": ("wanted a linear model", SCORES),
    "MLPClassifier": ("wanted a linear model", SCORES),
    "pipeline with a scaler": (EXACT, SCORES),
    "pipeline with components": ("wanted a linear model", LABELS),
    "pipeline with text and categories": ("wanted a linear model", SCORES),
    "voting": ("wanted a linear model", SCORES),
    "stacking": ("wanted a linear model", SCORES),
    "calibrated SVC": ("wanted a linear model", SCORES),
    "small CNN": (CLIMBED, SCORES),
    "network on a table": (CLIMBED, SCORES),
    "resnet18": (CLIMBED, SCORES),
    "service that tells labels": ("only asked", LABELS),
    "service with JSON": ("only asked", SCORES),
    "service of the book's": ("only asked", SCORES),
    "plain function": ("only asked", LABELS),
    "dump of XGBoost": (EXACT, SCORES),
}
SLOW = {"resnet18": 3}  # seconds, where more would make this test slow


def test_every_model_is_in_the_table():
    assert HELD.keys() == MODELS.keys()


@pytest.mark.parametrize("name", MODELS)
def test_a_tutorials_model_is_checked_by_what_fits_it(name):
    with MODELS[name]() as (model, given):
        checkup = foible.audit(
            model, **given, seconds=SLOW.get(name, 30), questions=12_000
        )

    white, asking = checkup["evasion"], checkup["evasion_by_asking"]
    assert HELD[name][0] in white.reason + white.tried
    assert HELD[name][1] in asking.tried
    asked = sum(one.questions for one in checkup.checks)
    assert asked <= 12_000
    for one in checkup.checks:
        assert one.tried and one.strength and one.against and one.limits
        assert one.reason or one.status == "measured"
        assert one.status != "measured" or one.share is not None
        if one.share is not None and one.interval is not None:
            assert one.interval.low <= one.share <= one.interval.high
            assert one.baseline is not None and one.n >= 8
    assert checkup["stealing"].status == "measured"
    members = checkup["membership"]
    refused = "no threshold keeps" if "train" in given else "got no training rows"
    assert members.status == "measured" or refused in members.reason


def test_words_and_holes_are_held_and_said():
    with MODELS["pipeline with text and categories"]() as (model, given):
        holes = given["rows"]["worst concavity"].isna().sum()
        checkup = foible.audit(
            model, **given, only=["noise", "missing", "groups"], questions=5_000
        )

    assert checkup.facts["left out"] == f"{holes} rows with holes"
    assert "filled" in checkup["missing"].tried
    assert "where" in checkup["groups"].counts
    assert checkup["noise"].share < 0.2


def test_nothing_of_the_tests_warns():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with MODELS["naive Bayes"]() as (model, given):
            foible.audit(model, **given, questions=2_000)


def test_what_is_exact_finds_no_less_than_what_only_asks():
    with MODELS["linear SVC"]() as (model, given):
        checkup = foible.audit(
            model, **given, only=["evasion", "evasion_by_asking"], questions=40_000
        )

    exact, asked = checkup["evasion"], checkup["evasion_by_asking"]
    assert asked.interval.low <= exact.share
    assert exact.share > exact.baseline
    shares = np.array(exact.curve["the attack"])
    assert (np.diff(shares) >= 0).all() and exact.share in shares
