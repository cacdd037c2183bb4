"""Which rows look foreign in their class, as a model sees them?

`by_spectrum` and `by_clusters` compare the rows that were delivered with a few trusted
ones: what a model that was made from all of them sees in them.
"""

import numpy as np
from scipy import stats
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

from foible.arrays import Bools, Floats, Ints, finite_rows
from foible.checks import labelled_rows
from foible.domains import Natural, Seed, Share
from foible.errors import BadInput
from foible.judging.detectors import Seen

DIMENSIONS = 10  # in which clusters are looked for
MANY = 1_000_000  # classes: more than anybody has


def spectral_scores(seen: Seen) -> Floats:
    """How far each row lies along its class's first direction [tran2018spectral].

    The square of its distance from the class's mean, along the first right singular
    vector of the class's features; of shape (n,).
    Memory: the features, and the square of their rows or columns, the fewer of both.
    """
    features, y = labelled_rows(*seen, classes=MANY)
    scores = np.empty(len(y))
    for label in np.unique(y):
        ours = np.flatnonzero(y == label)
        centred = features[ours] - features[ours].mean(axis=0)
        scores[ours] = (centred @ _first_direction(features[ours])) ** 2
    return scores


def by_spectrum(seen: Seen, trusted: Seen, *, false_alarms: Share = 0.05) -> Bools:
    """Rows that lie too far along the first direction of their class.

    As `spectral_scores` of the rows delivered, but centred and scaled by the trusted
    rows of the class, at least two, and cut where `false_alarms` of all of these are.
    """
    far, usual = np.zeros(len(seen[1])), np.zeros(len(trusted[1]))
    for label in _classes(seen, trusted):
        ours, theirs = seen[1] == label, trusted[1] == label
        axis = _first_direction(seen[0][ours])
        along, known = seen[0][ours] @ axis, trusted[0][theirs] @ axis
        far[ours] = abs(along - known.mean()) / known.std()
        usual[theirs] = abs(known - known.mean()) / known.std()
    return np.asarray(far > np.quantile(usual, 1 - false_alarms))


def by_expected(seen: Seen, *, expected: Natural) -> Bools:
    """Rows that lie furthest out in their class: the paper's rule [tran2018spectral].

    In every class one and a half times as many as are expected to be poisoned, if it
    has any, by `spectral_scores`. No trusted rows are needed, but this guess.
    """
    scores, y = spectral_scores(seen), seen[1]
    flagged = np.zeros(len(y), dtype=bool)
    for label in np.unique(y):
        ours = np.flatnonzero(y == label)
        furthest = np.argsort(-scores[ours], kind="stable")
        flagged[ours[furthest[: round(1.5 * expected)]]] = True
    return flagged


def by_clusters(seen: Seen, trusted: Seen, *, level: Share = 0.05, seed: Seed) -> Bools:
    """Rows of a cluster that hardly a trusted row falls into [chen2018detecting].

    Each class is cut into two clusters in its first principal components. A cluster is
    flagged if it holds so much more of the delivered rows than of the trusted ones
    that Fisher's exact test rejects chance; `level` is the chance that any cluster at
    all is flagged among clean rows.
    """
    flagged = np.zeros(len(seen[1]), dtype=bool)
    classes = _classes(seen, trusted)
    for label in classes:
        ours, theirs = np.flatnonzero(seen[1] == label), trusted[1] == label
        cluster, known = _two_clusters(seen[0][ours], trusted[0][theirs], seed=seed)
        for side in (0, 1):
            table = [_sides(cluster == side), _sides(known == side)]
            surprise = stats.fisher_exact(table, alternative="greater").pvalue
            if surprise < level / (2 * len(classes)):
                flagged[ours[cluster == side]] = True
    return flagged


def _first_direction(features: Floats) -> Floats:
    """Along which the rows (n, d) differ most; cubic in the smaller side alone."""
    centred = features - features.mean(axis=0)
    if len(centred) < features.shape[1]:
        return np.asarray(np.linalg.svd(centred, full_matrices=False)[2][0])
    _, axes = np.linalg.eigh(centred.T @ centred)
    return np.asarray(axes[:, -1])


def _two_clusters(seen: Floats, known: Floats, *, seed: int) -> tuple[Ints, Ints]:
    """Which cluster each delivered row is in, and each trusted one would be in."""
    view = PCA(min(DIMENSIONS, *seen.shape), svd_solver="full").fit(seen)
    means = KMeans(2, n_init=5, random_state=seed).fit(view.transform(seen))
    return means.labels_.astype(np.int64), means.predict(view.transform(known))


def _sides(inside: Bools) -> list[int]:
    return [int(inside.sum()), int((~inside).sum())]


def _classes(seen: Seen, trusted: Seen) -> list[int]:
    width = labelled_rows(*seen, classes=MANY)[0].shape[1]
    finite_rows(labelled_rows(*trusted, classes=MANY)[0], width=width)
    labels, often = np.unique(trusted[1], return_counts=True)
    known = labels[often >= 2]
    if not np.isin(seen[1], known).all():
        raise BadInput(
            f"got trusted rows of the classes {known.tolist()}; wanted two or more of "
            "each class that was delivered"
        )
    return [int(label) for label in np.unique(seen[1])]
