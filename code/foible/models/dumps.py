"""Which trees are written in the dumps of XGBoost and LightGBM?

Nothing of theirs is needed to read one, and nothing in a dump is run.
"""

import json
from typing import Any

import numpy as np
from scipy.special import logit

from foible.arrays import Floats, Ints
from foible.errors import BadInput
from foible.models.trees import Tree, Trees, of_class

CATEGORY, MISSING, ZERO = 1, 12, 4  # bits of what a node of LightGBM's decides by


def xgboost(text: str) -> Trees:
    """The trees that `booster.save_model("model.json")` wrote.

    Its sums are float32 and ours float64: they agree to that precision. It asks whether
    a value is less than the cut: here, at most the number in float32 before it.

    BadInput: anything else, another booster than `gbtree`, an objective that gives no
    classes, trees that ask for categories.
    """
    try:
        learner = json.loads(text)["learner"]
        booster, said = learner["gradient_booster"], learner["learner_model_param"]
        kind, aim = booster["name"], learner["objective"]["name"]
        if kind != "gbtree" or aim not in (
            "binary:logistic",
            "binary:logitraw",
            "multi:softprob",
            "multi:softmax",
        ):
            raise BadInput(
                f"got XGBoost's {kind} for {aim}; wanted gbtree, for binary:logistic "
                "or multi:softprob"
            )
        k, d = max(2, int(said["num_class"])), int(said["num_feature"])
        base = np.array(str(said["base_score"]).strip("[]").split(","), np.float64)
        model = booster["model"]
        each = tuple(
            _xgboosted(tree, number, k)
            for tree, number in zip(model["trees"], model["tree_info"], strict=True)
        )
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise _unread("XGBoost", "model.json", error) from error
    if aim == "binary:logistic":
        base = logit(base)
    start = np.array([0.0, base[0]]) if k == 2 and len(base) == 1 else base
    return Trees(each, np.broadcast_to(start, k), d, False, "float32", np.arange(k))


def _xgboosted(tree: Any, number: int, k: int) -> Tree:
    if any(tree["split_type"]):
        raise BadInput("got trees that ask for categories; wanted numbers only")
    cuts = np.array(tree["split_conditions"], np.float32)  # at a leaf, its value
    before = np.nextafter(cuts, np.float32(-np.inf)).astype(np.float64)
    left, right = np.array(tree["left_children"]), np.array(tree["right_children"])
    value = of_class(cuts.astype(np.float64), number, k)
    return Tree(left, right, np.array(tree["split_indices"]), before, value)


def lightgbm(text: str) -> Trees:
    """The trees that `booster.save_model("model.txt")` wrote.

    BadInput: anything else, an objective that gives no classes, trees that ask for
    categories or take 0 for missing, linear trees, boosting by averages.
    """
    try:
        head, *parts = text.split("\nTree=")
        said = _fields(head)
        aim, *settings = said["objective"].split()
        if aim not in ("binary", "multiclass") or "average_output" in head:
            raise BadInput(
                f"got LightGBM's trees for {aim}; wanted binary or multiclass, boosted"
            )
        k, d = max(2, int(said["num_class"])), int(said["max_feature_idx"]) + 1
        own = dict(one.split(":") for one in settings if ":" in one)
        steep, several = (
            float(own.get("sigmoid", 1)),
            int(said["num_tree_per_iteration"]),
        )
        each = tuple(
            _lightened(_fields(part), i % several, k, steep)
            for i, part in enumerate(parts)
        )
    except (ValueError, KeyError, IndexError) as error:
        raise _unread("LightGBM", "model.txt", error) from error
    return Trees(each, np.zeros(k), d, False, "float64", np.arange(k))


def _fields(part: str) -> dict[str, str]:
    lines = part.split("\nend of trees")[0].splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _lightened(said: dict[str, str], number: int, k: int, steep: float) -> Tree:
    """A tree whose leaves are numbered after what asks, and from -1 downwards."""

    def numbers(name: str) -> Floats:
        return np.array(said.get(name, "").split(), np.float64)

    decides = numbers("decision_type").astype(int)
    if (decides & CATEGORY).any() or (decides & MISSING == ZERO).any():
        raise BadInput(
            "got trees that ask for categories, or take 0 for missing; wanted numbers"
        )
    if int(said.get("is_linear", "0")):
        raise BadInput("got linear trees; wanted a value in each leaf")
    inside, leaves = len(decides), numbers("leaf_value") * steep

    def child(name: str) -> Ints:
        given = numbers(name).astype(int)
        at = np.where(given < 0, inside + ~given, given)
        return np.append(at, np.full(len(leaves), -1))

    nothing = np.zeros(len(leaves))
    return Tree(
        child("left_child"),
        child("right_child"),
        np.append(numbers("split_feature"), nothing).astype(int),
        np.append(numbers("threshold"), nothing),
        of_class(np.append(np.zeros(inside), leaves), number, k),
    )


def _unread(whose: str, name: str, error: Exception) -> BadInput:
    if isinstance(error, BadInput):
        return error
    return BadInput(
        f"got a text that is no dump of {whose}'s ({type(error).__name__}: {error}); "
        f'wanted what booster.save_model("{name}") writes'
    )
