"""How does somebody poison a model whose rows are all labelled as they look?"""

import numpy as np

from foible.arrays import Floats, Ints
from foible.attacks.poisoning.labels import extended
from foible.data import Dataset
from foible.domains import Amount, Count, Natural, Positive, Seed, Share
from foible.errors import BadInput
from foible.models import Network, Recipe, as_classifier, probabilities
from foible.search import Ball, Norm, ascend, signed, unit


def lookalikes(
    extractor: Network, own: Dataset, targets: Floats, labels: Ints, *, count: Count
) -> Floats:
    """For each target the own images of a label that look most like it to a network.

    Returns
    -------
    ndarray of shape (n * count, d)
    """
    seen, aims = map(extractor.features, (own.X, targets))
    found = []
    for aim, label in zip(aims, labels, strict=True):
        alike = np.flatnonzero(own.y == label)
        away = ((seen[alike] - aim) ** 2).sum(axis=1)
        found.append(own.X[alike[np.argsort(away, kind="stable")[:count]]])
    return np.concatenate(found)


def classes_to_hit(
    extractor: Network,
    own: Dataset,
    recipe: Recipe,
    targets: Floats,
    labels: Ints,
    *,
    cap: Share,
    count: Count,
    seed: Seed,
) -> Ints:
    """For each target the wrong class that it is taken for most surely, (n,).

    The attacker tries all of them on copies: models that are made by the recipe from
    rows of their own and `count` images each, moved by at most the `cap`.
    """
    sure = np.full((len(targets), len(own.classes)), -1.0)
    for label in range(len(own.classes)):
        wrong = np.flatnonzero(labels != label)
        wanted = np.full(len(wrong), label)
        starts = lookalikes(extractor, own, targets[wrong], wanted, count=count)
        aims = np.repeat(targets[wrong], count, axis=0)
        moved = np.split(collided(starts, aims, extractor, cap=cap), len(wrong))
        sets = [extended(own, images, label) for images in moved]
        made = recipe.many(sets, seeds=[seed] * len(sets))
        for k, model in zip(wrong, map(as_classifier, made), strict=True):
            sure[k, label] = probabilities(model, targets[k : k + 1])[0, label]
    return np.asarray(sure.argmax(axis=1))


def collided(
    starts: Floats,
    targets: Floats,
    extractor: Network,
    *,
    cap: Amount,
    norm: Norm = "Linf",
    steps: Natural = 200,
    step: Positive = 0.02,
) -> Floats:
    """Images like `starts` that a network takes for `targets` [shafahi2018poison].

    Each is moved, by no more than `cap`, until the network's last hidden layer
    sees in it what it sees in its target. Labelled as it looks, it needs nobody who
    labels wrongly.

    Parameters
    ----------
    starts, targets : ndarray of shape (n, d)
        Pixels, 0 to 1.
    extractor : Network
        Its last hidden layer is what the victim's new last layer reads.
    cap, step : float
        Largest change in all, and at one of the `steps`.
    norm : {"Linf", "L2"}
        Whether that is the change of a pixel, or its Euclidean length.
    """
    wanted = extractor.features(targets)
    if extractor.features(starts).shape != wanted.shape:
        raise BadInput(
            f"got {len(starts)} starts and {len(targets)} targets; wanted one for each"
        )

    def uphill(X: Floats) -> Floats:
        return extractor.backward_features(X, wanted - extractor.features(X))

    ball, size = Ball(cap, norm), min(step, cap)
    move = signed(size) if norm == "Linf" else unit(size)
    return ascend(starts, uphill, project=ball.around(starts), step=move, steps=steps)
