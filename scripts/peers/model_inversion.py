"""The informed adversary, and the picture of a class."""

import dataclasses
from collections.abc import Iterator

import numpy as np

from foible import data, metrics, models
from foible.attacks import model_inversion
from foible.victim import Victim
from peers.networks import art_classifier, network_of
from peers.table import Row, timed


def compared() -> Iterator[Row]:
    """The informed adversary, and the picture of a class."""
    from art.attacks.inference.model_inversion import MIFace
    from art.attacks.inference.reconstruction import DatabaseReconstruction
    from art.estimators.classification.scikitlearn import (
        ScikitlearnLogisticRegression,
    )
    from sklearn.linear_model import LogisticRegression

    rows = data.clinic().split(0.5, seed=0)[0]
    X = (rows.X - rows.X.mean(axis=0)) / rows.X.std(axis=0)
    rows = dataclasses.replace(rows, X=X).select(rows.columns[:10])
    victim = Victim.trained(models.softmax(), rows, seed=0)
    known = rows.take(np.arange(len(rows)) != 7)
    (found, _), seconds = timed(
        lambda: model_inversion.missing_row(network_of(victim), known, strength=1.0)
    )
    solver = LogisticRegression(solver="newton-cholesky", tol=1e-12)
    theirs = solver.fit(rows.X, rows.y)
    attack = DatabaseReconstruction(ScikitlearnLogisticRegression(theirs))
    (guess, _), their_seconds = timed(lambda: attack.reconstruct(known.X, known.y))
    yield Row(
        "the one row that is not known, clinic, 10 columns",
        "worst error, standard deviations",
        abs(found - rows.X[7]).max(),
        seconds,
        "ART DatabaseReconstruction",
        abs(guess[0] - rows.X[7]).max(),
        their_seconds,
        "lower",
    )

    digits = data.digits()
    owned, others = digits.split(0.4, seed=0)
    reader = models.softmax()(owned, seed=0)
    recogniser = models.forest(trees=200)(others, seed=0)
    labels = np.arange(10)
    brush = np.eye(64)
    seen, seconds = timed(
        lambda: model_inversion.prototypes(reader, labels, brush=brush)
    )
    face = MIFace(art_classifier(reader), max_iter=2000, threshold=1.0, verbose=False)
    drawn, their_seconds = timed(lambda: face.infer(None, y=labels))
    yield Row(
        "the picture of a class, softmax regression on digits",
        "share of classes that a forest recognises",
        metrics.agreement(recogniser.predict(seen), labels),
        seconds,
        "ART MIFace",
        metrics.agreement(recogniser.predict(np.asarray(drawn, float)), labels),
        their_seconds,
        "higher",
        0.1,
    )
