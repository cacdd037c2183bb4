"""The attacks as an instrument: models made elsewhere, on data that no chapter uses.

The pictures are pieces of the two photographs that come with scikit-learn, and the
question is from which half of which a piece is; the network is plain PyTorch, trained
by a plain loop, and then computes in float64, so that the same steps end in the same
rows. The tables are drawn by scikit-learn, and its estimators learn them.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any, cast

import numpy as np
import torch
from sklearn.datasets import load_sample_images, make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import PredefinedSplit, cross_val_predict
from torch import nn

from foible import data, metrics, models
from foible.arrays import Bools, Floats, masks
from foible.attacks import evasion, membership_inference
from foible.attacks.membership_inference import Shadows
from foible.defences import screening
from foible.defences.screening.rows import Rule
from foible.judging.games import Game
from foible.search import Ball
from peers import evasion as attacks
from peers.evasion import Task
from peers.networks import OfImages, images
from peers.table import Row, timed

SIDE = 16  # of a piece, in pixels
CHUNK = 256  # rows that ours passes through a network of PyTorch's at once


def compared() -> Iterator[Row]:
    """The lines of this family."""
    task = pieces()
    few = task.first(100)
    yield from attacks.climbed(task.first(CHUNK), attacks.STEPS)
    yield from attacks.targeted(task.first(CHUNK))
    yield from _adapted(task.first(CHUNK))
    for norm in few.radii:
        yield from attacks.joined(few, "torchattacks", norm=norm)
    yield from attacks.nearest(few)
    yield from attacks.asking(task.first(30))
    yield from _screened()
    yield from _members()


# ---------------------------------------------------------------- a network of torch's


def pieces() -> Task:
    """A small network that says from which half of which photograph a piece is."""
    cut: list[Floats] = []
    for picture in load_sample_images().images:
        high, wide = (side // SIDE for side in picture.shape[:2])
        whole = picture[: high * SIDE, : wide * SIDE] / 255
        squares = whole.reshape(high, SIDE, wide, SIDE, 3).swapaxes(1, 2)
        cut += [half.reshape(-1, SIDE, SIDE, 3) for half in np.array_split(squares, 2)]
    names = np.repeat(["sky", "roof", "leaf", "petal"], [len(part) for part in cut])
    rows = data.labelled(np.concatenate(cut), names, name="pieces")
    taught, judged = rows.split(0.5, seed=0)
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * (SIDE // 4) ** 2, 64),
        nn.ReLU(),
        nn.Linear(64, 4),
    )
    X, y = torch.tensor(images(taught.X, (SIDE, SIDE, 3))), torch.tensor(taught.y)
    adam = torch.optim.Adam(module.parameters(), lr=0.002)
    for _ in range(400):
        batch = torch.randint(len(X), (64,))
        adam.zero_grad()
        torch.autograd.backward(nn.functional.cross_entropy(module(X[batch]), y[batch]))
        adam.step()
    model = models.torch(module.double().eval(), image=(3, SIDE, SIDE))
    return Task("pieces", model, judged, {"Linf": 4 / 255, "L2": 0.5})


def _adapted(task: Task) -> Iterator[Row]:
    """APGD and Square by themselves, beside torchattacks'."""
    import torchattacks

    module, image = OfImages(task.model).float(), task.rows.image or ()
    X, y = task.rows.X, task.rows.y
    given = torch.tensor(images(X, image)), torch.tensor(y)
    for norm, radius in task.radii.items():
        ball, common = Ball(radius, norm=norm), {"norm": norm, "eps": radius, "seed": 0}
        square = evasion.ensemble(image, queries=500)["Square"]
        pairs: dict[str, tuple[Any, Any]] = {
            "APGD": (evasion.apgd, torchattacks.APGD(module, steps=100, **common)),
            "Square": (square, torchattacks.Square(module, n_queries=500, **common)),
        }
        for name, (own, other) in pairs.items():
            ours, seconds = timed(partial(own, task.model, X, y, ball=ball, seed=0))
            moved, their_seconds = timed(partial(other, *given))
            pixels = np.asarray(moved.detach(), np.float64).transpose(0, 2, 3, 1)
            yield Row(
                f"{name}, {norm}, {len(X)} {task.name}",
                attacks.READ,
                task.right(ours),
                seconds,
                "torchattacks",
                task.right(pixels.reshape(len(X), -1)),
                their_seconds,
                "lower",
                0.005,
            )


# ---------------------------------------------------------------- scikit-learn's


def _screened() -> Iterator[Row]:
    """A tenth of the labels of a table drawn anew, by both rules of cleanlab."""
    from cleanlab.filter import find_label_issues

    X, true = make_classification(
        1500, 12, n_informative=6, n_classes=4, flip_y=0, class_sep=1.5, random_state=1
    )
    random = np.random.default_rng(0)
    flipped = random.random(len(true)) < 0.1
    y = np.where(flipped, (true + random.integers(1, 4, len(true))) % 4, true)
    rows, learner = data.labelled(X, y), LogisticRegression(C=1.0)
    fold = np.random.default_rng(0).permutation(len(y)) % 5
    rules: tuple[Rule, ...] = ("confident_learning", "prune_by_noise_rate")
    for rule in rules:
        screen = screening.by_confidence(models.recipe(learner), rule=rule, seed=0)

        def issues(rule: str = rule) -> Bools:
            sure = cross_val_predict(
                learner, X, y, cv=PredefinedSplit(fold), method="predict_proba"
            )
            return np.asarray(find_label_issues(y, sure, filter_by=rule, n_jobs=1))

        ours, seconds = timed(partial(screen, rows), rounds=2)
        theirs, their_seconds = timed(issues, rounds=2)
        for measure, among in (("found", flipped), ("false alarms", ~flipped)):
            yield Row(
                f"{flipped.sum()} flipped labels of {len(y):,} drawn rows",
                measure,
                float(ours[among].mean()),
                seconds,
                f"cleanlab, {rule}",
                float(theirs[among].mean()),
                their_seconds,
                "higher" if measure == "found" else "lower",
                1 / among.sum(),  # one row: the counts are rounded
            )


def _members() -> Iterator[Row]:
    """Members of a random forest: LiRA with its shadows, beside ART's black boxes."""
    from art.attacks.inference.membership_inference import (
        MembershipInferenceBlackBox,
        MembershipInferenceBlackBoxRuleBased,
    )
    from art.estimators.classification import SklearnClassifier

    X, y = make_classification(
        500, 20, n_informative=8, n_classes=3, flip_y=0.15, random_state=3
    )
    rows, learner = data.labelled(X, y), RandomForestClassifier(100, max_depth=6)
    member = masks(48, len(rows), seed=0)
    recipe = models.recipe(learner)
    made = recipe.many([rows.take(mask) for mask in member], seeds=range(48))
    game = Game(made[:8], rows, member[:8])
    shadows = Shadows(made[8:], member[8:])

    def play() -> Any:
        return membership_inference.judge(
            game, {"LiRA": membership_inference.lira}, shadows=shadows
        )

    evidence, seconds = timed(play)
    known = np.random.default_rng(99).random(len(rows)) < 0.5

    def asked(kind: str) -> tuple[Floats, Floats]:
        inside, outside = [], []
        for model, seen in zip(made[:8], member[:8], strict=True):
            classifier = SklearnClassifier(cast(models.Estimator, model).estimator)
            if kind == "rule":
                rule = MembershipInferenceBlackBoxRuleBased(classifier)
                guess = np.ravel(rule.infer(X[~known], y[~known])).astype(float)
            else:
                attack = MembershipInferenceBlackBox(classifier, attack_model_type="rf")
                told, strange = known & seen, known & ~seen
                attack.fit(X[told], y[told], X[strange], y[strange])
                guess = np.ravel(attack.infer(X[~known], y[~known], probabilities=True))
            inside.append(guess[seen[~known]])
            outside.append(guess[~seen[~known]])
        return np.concatenate(inside), np.concatenate(outside)

    for kind in ("rule", "random forest"):
        theirs, their_seconds = timed(partial(asked, kind))
        yield Row(
            "members of a forest, by LiRA with 40 shadows: not equal work",
            "found at 1% false alarms",
            metrics.found_at(*evidence.scores["LiRA"], false_alarms=0.01),
            seconds / 8,
            f"ART black box, {kind}",
            metrics.found_at(*theirs, false_alarms=0.01),
            their_seconds / 8,
            "higher",
        )
