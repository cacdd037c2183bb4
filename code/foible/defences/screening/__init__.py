"""Screening: which rows should a model not learn from, and how much can a few do?

A screen looks at rows and says which it suspects; `screened` makes of it a recipe that
learns from the others. `partitioned` suspects nobody: it deals the rows out to many
models, so that few rows can move few votes, and says how many. `histograms` and
`contradicted` are what an owner can look at before and after. `outside`, `by_spectrum`
and `by_clusters` compare the rows that were delivered with a few trusted ones: their
values, or what a model that was made from all of them sees in them.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from scipy import stats
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from foible.arrays import Bools, Floats, Ints, likeliest
from foible.data import Dataset
from foible.errors import BadInput
from foible.evidence import Cell, DoseResponse, Matrix, Outcome
from foible.judging import counted
from foible.metrics import Interval, paired_change, wilson
from foible.models import Classifier, Model, Recipe, probabilities

Screen = Callable[[Dataset], Bools]
"""Takes rows to the suspects among them, of shape (n,)."""
Seen: TypeAlias = tuple[Floats, Ints]
"""What a model sees in n rows, (n, h), and their labels, (n,)."""

DIMENSIONS = 10  # in which clusters are looked for

# ---------------------------------------------------------------- the screens


def by_neighbours(*, count: int = 10) -> Screen:
    """Suspects whom most of their neighbours contradict [paudice2019label].

    Parameters
    ----------
    count : int
        How many of the nearest rows are asked, in standardised columns.
    """

    def suspects(rows: Dataset) -> Bools:
        spread = rows.X.std(axis=0)
        X = (rows.X - rows.X.mean(axis=0)) / np.where(spread > 0, spread, 1)
        near = NearestNeighbors(n_neighbors=count + 1).fit(X)
        others = near.kneighbors(X, return_distance=False)[:, 1:]
        return np.asarray((rows.y[others] != rows.y[:, None]).mean(axis=1) > 0.5)

    return suspects


def by_loss(recipe: Recipe, *, share: float, rounds: int = 20, seed: int) -> Screen:
    """Suspects the share that the others explain worst [jagielski2018manipulating].

    A model is made from all rows, the rows of the largest loss are left out, a model is
    made from the others, and so on until the same rows are left out twice.

    Parameters
    ----------
    recipe : Recipe
        Of a classifier.
    share : float
        How many rows are left out, as a share of all.
    rounds : int
        After so many models it stops in any case.
    seed : int
        Of the models.
    """

    def suspects(rows: Dataset) -> Bools:
        each, left_out = np.arange(len(rows)), np.zeros(len(rows), dtype=bool)
        for _ in range(rounds):
            model = _classifier(recipe(rows.take(~left_out), seed=seed))
            sure = probabilities(model, rows.X)[each, rows.y]
            worst = np.argsort(sure, kind="stable")[: round(share * len(rows))]
            before, left_out = left_out, np.isin(each, worst)
            if (before == left_out).all():
                break
        return left_out

    return suspects


def by_confidence(recipe: Recipe, *, folds: int = 5, seed: int) -> Screen:
    """Suspects whom models of the other rows call something else, surely enough.

    Surely enough is at least as sure as such a model is, on average, of rows labelled
    so: confident learning [northcutt2021confident]. As in its authors' library, a row
    whose own label seems likeliest is let be.

    Parameters
    ----------
    recipe : Recipe
        Of a classifier.
    folds : int
        Each row is judged by a model made without its fold.
    seed : int
        Of the folds and the models.
    """

    def suspects(rows: Dataset) -> Bools:
        fold = np.random.default_rng(seed).permutation(len(rows)) % folds
        sure = np.zeros((len(rows), len(rows.classes)))
        others = [rows.take(fold != part) for part in range(folds)]
        for part, model in enumerate(recipe.many(others, seeds=[seed] * folds)):
            judged = fold == part
            sure[judged] = probabilities(_classifier(model), rows.X[judged])
        there = np.unique(rows.y)
        usual = np.array([sure[rows.y == label, label].mean() for label in there])
        enough = np.where(sure[:, there] >= usual, sure[:, there], -1)
        called = there[enough.argmax(axis=1)]
        doubted = sure.argmax(axis=1) != rows.y  # else likelier right than wrong
        return np.asarray((enough.max(axis=1) >= 0) & (called != rows.y) & doubted)

    return suspects


def seen_through(features: Callable[[Floats], Floats], screen: Screen) -> Screen:
    """The screen, looking at what a network makes of the rows [peri2020deep].

    Parameters
    ----------
    features : callable, (n, d) to (n, h)
    screen : screen
    """

    def suspects(rows: Dataset) -> Bools:
        X = features(rows.X)
        names = tuple(f"feature_{i}" for i in range(X.shape[1]))
        return screen(replace(rows, X=X, columns=names, image=None))

    return suspects


def by_digest(known: Collection[str]) -> Screen:
    """Suspects every row that is not one of those noted when they were collected.

    Parameters
    ----------
    known : collection of str
        As `digests` gave them then; kept where an attacker can't write.
    """
    return lambda rows: np.array([one not in known for one in digests(rows)])


def digests(rows: Dataset) -> list[str]:
    """SHA-256 of each row with its label, 64 hexadecimal digits."""
    return [
        hashlib.sha256(_bytes(x) + int(y).to_bytes(8, "big")).hexdigest()
        for x, y in zip(rows.X, rows.y, strict=True)
    ]


# ---------------------------------------------------------------- against trusted rows


def outside(rows: Dataset, trusted: Dataset) -> Bools:
    """Rows with a value outside the range of the trusted ones: the talk's advice.

    Each column of a table has its own range; all pixels of an image have one.

    Parameters
    ----------
    rows, trusted : Dataset
        Delivered, and trusted.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    axis = None if trusted.image else 0
    low, high = trusted.X.min(axis=axis), trusted.X.max(axis=axis)
    return np.asarray((np.clip(rows.X, low, high) != rows.X).any(axis=1))


def spectral_scores(seen: Seen) -> Floats:
    """How far each row lies along its class's first direction [tran2018spectral].

    The square of its distance from the class's mean, along the first right singular
    vector of the class's features.

    Returns
    -------
    ndarray of shape (n,)
    """
    features, y = seen
    scores = np.empty(len(y))
    for label in np.unique(y):
        ours = np.flatnonzero(y == label)
        centred = features[ours] - features[ours].mean(axis=0)
        scores[ours] = (centred @ _first_direction(features[ours])) ** 2
    return scores


def by_spectrum(seen: Seen, trusted: Seen, *, false_alarms: float = 0.05) -> Bools:
    """Rows that lie too far along the first direction of their class.

    As `spectral_scores`, but centred and scaled by the trusted rows of the class, and
    cut where `false_alarms` of all trusted rows are.

    Parameters
    ----------
    seen, trusted : (ndarray of shape (n, h), ndarray of shape (n,))
        Features and labels of the rows delivered and of those trusted; each class has
        at least two trusted rows.
    false_alarms : float
        Share of trusted rows that the threshold would flag.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    far, usual = np.zeros(len(seen[1])), np.zeros(len(trusted[1]))
    for label in _classes(seen, trusted):
        ours, theirs = seen[1] == label, trusted[1] == label
        axis = _first_direction(seen[0][ours])
        along, known = seen[0][ours] @ axis, trusted[0][theirs] @ axis
        far[ours] = abs(along - known.mean()) / known.std()
        usual[theirs] = abs(known - known.mean()) / known.std()
    return np.asarray(far > np.quantile(usual, 1 - false_alarms))


def by_expected(seen: Seen, *, expected: int) -> Bools:
    """Rows that lie furthest out in their class: the paper's rule [tran2018spectral].

    In every class one and a half times as many as are expected to be poisoned, by
    `spectral_scores`. No trusted rows are needed, but a guess of how many there are.

    Parameters
    ----------
    seen : (ndarray of shape (n, h), ndarray of shape (n,))
    expected : int
        Poisoned rows in a class, if it has any.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    scores, y = spectral_scores(seen), seen[1]
    flagged = np.zeros(len(y), dtype=bool)
    for label in np.unique(y):
        ours = np.flatnonzero(y == label)
        furthest = np.argsort(-scores[ours], kind="stable")
        flagged[ours[furthest[: round(1.5 * expected)]]] = True
    return flagged


def by_clusters(seen: Seen, trusted: Seen, *, level: float = 0.05, seed: int) -> Bools:
    """Rows of a cluster that hardly a trusted row falls into [chen2018detecting].

    Each class is cut into two clusters in its first principal components. A cluster is
    flagged if it holds so much more of the delivered rows than of the trusted ones
    that Fisher's exact test rejects chance.

    Parameters
    ----------
    seen, trusted : (ndarray of shape (n, h), ndarray of shape (n,))
        Features and labels of the rows delivered and of those trusted.
    level : float
        Chance that any cluster at all is flagged among clean rows.
    seed : int
        Of the clustering.

    Returns
    -------
    ndarray of bool, shape (n,)
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
    centred = features - features.mean(axis=0)
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
    labels, counts = np.unique(trusted[1], return_counts=True)
    known = labels[counts >= 2]
    if not np.isin(seen[1], known).all():
        raise BadInput(
            f"got trusted rows of the classes {known.tolist()}; wanted two or more of "
            "each class that was delivered"
        )
    return [int(label) for label in np.unique(seen[1])]


# ---------------------------------------------------------------- the defences


@dataclass(frozen=True)
class ScreenedRecipe:
    """Makes a model of the rows that a screen lets through; see `screened`."""

    recipe: Recipe
    screen: Screen

    def __call__(self, rows: Dataset, *, seed: int) -> Model:
        """One model of the rows that are not suspected."""
        return self.recipe(rows.take(~self.screen(rows)), seed=seed)

    def many(self, rows: Sequence[Dataset], *, seeds: Sequence[int]) -> Sequence[Model]:
        """As many models, each of its own rows, screened by themselves."""
        passed = [part.take(~self.screen(part)) for part in rows]
        return self.recipe.many(passed, seeds=seeds)


def screened(recipe: Recipe, screen: Screen) -> ScreenedRecipe:
    """The recipe, on what a screen lets through.

    Parameters
    ----------
    recipe : Recipe
    screen : callable, Dataset to ndarray of bool
    """
    return ScreenedRecipe(recipe, screen)


@dataclass(frozen=True, eq=False)
class Partitioned:
    """Models of disjoint parts of the rows, which vote; see `partitioned`."""

    models: tuple["Classifier | _Constant", ...]
    classes_: Ints

    def votes(self, X: Floats) -> Ints:
        """How many models answer each class, ndarray of shape (n, k)."""
        said = np.array([model.predict(X) for model in self.models])
        return np.asarray((said[:, :, None] == self.classes_).sum(axis=0))

    def predict_proba(self, X: Floats) -> Floats:
        """Share of the models that answer each class, ndarray of shape (n, k)."""
        return self.votes(X) / len(self.models)

    def predict(self, X: Floats) -> Ints:
        """Class with the most votes, of equals the first, ndarray of shape (n,)."""
        return likeliest(self.votes(X).astype(float))

    def certified(self, X: Floats) -> Ints:
        """Rows that may be added, removed or relabelled and leave each answer be.

        A certificate: no attack whatever on so many training rows changes the answer
        [levine2021deep]. A row whose values are altered counts twice: it is removed
        and added.

        Returns
        -------
        ndarray of shape (n,)
            0 or more.
        """
        return certificate(self.votes(X))


def certificate(votes: Ints) -> Ints:
    """Models that may change sides before the answer does [levine2021deep].

    Parameters
    ----------
    votes : ndarray of shape (n, k)

    Returns
    -------
    ndarray of shape (n,)
    """
    each, top = np.arange(len(votes)), likeliest(votes.astype(float))
    lead = votes[each, top]
    rivals = votes + (np.arange(votes.shape[1]) < top[:, None])  # who wins a tie
    rivals[each, top] = -1
    return np.asarray((lead - rivals.max(axis=1)) // 2)


def partition(X: Floats, *, parts: int) -> Ints:
    """The part of each row: SHA-256 of its values, modulo the number of parts.

    The label does not count, so relabelling a row stays within its part.

    Returns
    -------
    ndarray of shape (n,)
        0 to parts - 1.
    """
    numbers = [int.from_bytes(hashlib.sha256(_bytes(x)).digest()[:8], "big") for x in X]
    return np.array([number % parts for number in numbers], dtype=np.int64)


@dataclass(frozen=True)
class PartitionedRecipe:
    """Makes one model of each part of the rows; see `partitioned`."""

    recipe: Recipe
    parts: int

    def __call__(self, rows: Dataset, *, seed: int) -> Partitioned:
        """One ensemble."""
        where = partition(rows.X, parts=self.parts)
        parts = [_ordered(rows.take(where == part)) for part in np.unique(where)]
        made = tuple(_voter(self.recipe, part, seed) for part in parts)
        return Partitioned(made, np.arange(len(rows.classes)))

    def many(
        self, rows: Sequence[Dataset], *, seeds: Sequence[int]
    ) -> list[Partitioned]:
        """As many ensembles."""
        return [self(part, seed=seed) for part, seed in zip(rows, seeds, strict=True)]


def partitioned(recipe: Recipe, *, parts: int) -> PartitionedRecipe:
    """Deep partition aggregation: a vote of models of disjoint rows [levine2021deep].

    Parameters
    ----------
    recipe : Recipe
        Of a classifier. It must give the same model for the same rows and seed, to the
        last bit, or the certificate is void.
    parts : int
        Number of parts, and of models.
    """
    if parts < 1:
        raise BadInput(f"got parts={parts}; wanted at least 1")
    return PartitionedRecipe(recipe, parts)


@dataclass(frozen=True)
class _Constant:
    """The vote of a part whose rows all have one label."""

    label: int

    def predict(self, X: Floats) -> Ints:
        return np.full(len(X), self.label)


def _voter(recipe: Recipe, part: Dataset, seed: int) -> Classifier | _Constant:
    if len(np.unique(part.y)) == 1:
        return _Constant(int(part.y[0]))
    return _classifier(recipe(part, seed=seed))


def _ordered(rows: Dataset) -> Dataset:
    """The same rows in an order that does not depend on how they came."""
    keys = [(_bytes(x), int(y)) for x, y in zip(rows.X, rows.y, strict=True)]
    return rows.take(np.array(sorted(range(len(rows)), key=keys.__getitem__)))


# ---------------------------------------------------------------- what owners look at


def histograms(
    reference: Dataset, batch: Dataset, *, by: Sequence[str] = ()
) -> dict[str, float]:
    """How likely each histogram of new rows is, if they are like the old ones.

    Parameters
    ----------
    reference, batch : Dataset
        Old rows and new ones.
    by : sequence of str
        Columns of few values, for each of which the labels are compared again.

    Returns
    -------
    dict of str to float
        p-values: of each column (Kolmogorov and Smirnov), of "the labels", and of
        "the labels where SEX = 1" and so on (chi-squared).
    """
    found = {
        name: float(
            stats.ks_2samp(
                reference.column(name), batch.column(name), method="asymp"
            ).pvalue
        )
        for name in reference.columns
    }
    found["the labels"] = _unlike(reference, batch)
    for name in by:
        for value in np.unique(reference.column(name)):
            parts = (
                rows.take(rows.column(name) == value) for rows in (reference, batch)
            )
            found[f"the labels where {name} = {value:g}"] = _unlike(*parts)
    return found


def _unlike(reference: Dataset, batch: Dataset) -> float:
    """p-value of the labels of two data sets having one distribution."""
    table = np.array(
        [
            np.bincount(rows.y, minlength=len(rows.classes))
            for rows in (reference, batch)
        ]
    )
    return float(stats.chi2_contingency(table[:, table.any(axis=0)]).pvalue)


def contradicted(claimed: float, right: Bools, *, level: float = 0.99) -> bool:
    """Whether trusted rows rule out an accuracy that was measured on other rows.

    The claim is taken for exact; measured on few rows it is not, and false alarms are
    then more than 1 - `level`.

    Parameters
    ----------
    claimed : float
        0 to 1.
    right : ndarray of bool, shape (m,)
        Whether the model answers each trusted row rightly.
    level : float
        Coverage of the interval that the claim must lie in.
    """
    return claimed not in wilson(int(np.sum(right)), len(right), level=level)


def moved(before: Bools, after: Bools, *, level: float = 0.99) -> bool:
    """Whether a release differs from the last one by more than chance explains.

    Needs trusted rows, but not their labels.

    Parameters
    ----------
    before, after : ndarray of bool, shape (m,)
        Whether the last release, and the new one, gives each row some answer.
    level : float
        Coverage of the interval of the change that must hold nought.
    """
    return 0.0 not in paired_change(before, after, level=level)[1]


# ---------------------------------------------------------------- the judges


def judge_screens(
    screens: Mapping[str, Screen], cases: Mapping[str, tuple[Dataset, Bools]]
) -> Matrix:
    """What each screen finds of each poison, and how many clean rows it suspects.

    Parameters
    ----------
    screens : mapping of str to screen
    cases : mapping of str to (Dataset, ndarray of bool of shape (n,))
        Rows, and which of them are poisoned.

    Returns
    -------
    Matrix
        For each case the share of poisoned rows that is found, if there are any, and
        of others suspected. "stopped" if the whole interval of the first is above a
        half, "unnoticed" if it is below, else "undecided".
    """
    lines: dict[str, list[Cell]] = {}
    for name, (rows, poisoned) in cases.items():
        suspects = [screen(rows) for screen in screens.values()]
        if poisoned.any():
            lines[f"{name}: found"] = [counted(s[poisoned], _mostly) for s in suspects]
        lines[f"{name}: false alarms"] = [counted(s[~poisoned]) for s in suspects]
    return Matrix(list(lines), list(screens), list(lines.values()), corner="poison")


def _mostly(found: Interval) -> Outcome:
    if found.low > 0.5:
        return "stopped"
    return "unnoticed" if found.high < 0.5 else "undecided"


def judge_histograms(
    reference: Dataset,
    clean: Dataset,
    poisoned: Mapping[str, Dataset],
    *,
    by: Sequence[str],
    level: float = 0.01,
) -> Matrix:
    """Which histogram sees which poison.

    Parameters
    ----------
    reference : Dataset
        Old rows.
    clean : Dataset
        New rows as they were.
    poisoned : mapping of str to Dataset
        The new rows after each attack.
    by : sequence of str
        As for `histograms`.
    level : float
        Share of false alarms that is tolerated, for all histograms together.

    Returns
    -------
    Matrix
        For the columns, the labels, and the labels by each value of `by`, the share of
        histograms that alarm: "stopped" where one does, and "harm" if nothing is there.
    """
    kinds = ["columns", "labels", "labels by " + ", ".join(by)]
    cells = []
    for name, batch in {"nothing": clean, **poisoned}.items():
        found = histograms(reference, batch, by=by)
        loud = alarms(found, level=level)
        parts: list[list[bool]] = [[], [], []]
        for one in found:
            kind = 2 if " where " in one else int(one == "the labels")
            parts[kind].append(one in loud)
        ends: tuple[Outcome, Outcome] = ("unnoticed", "stopped")
        if name == "nothing":
            ends = ("no attack", "harm")
        cells.append(
            [
                Cell(float(np.mean(p)), ends[any(p)], len(p), form="{hits} of {n}")
                for p in parts
            ]
        )
    return Matrix(["nothing", *poisoned], kinds, cells, corner="poison")


def alarms(found: Mapping[str, float], *, level: float = 0.01) -> list[str]:
    """The histograms that alarm, if all together may do so wrongly in `level`."""
    return [name for name, p in found.items() if p < level / len(found)]


def judge_trusted(
    checks: Mapping[str, Callable[[Ints], bool]],
    total: int,
    *,
    counts: Sequence[int],
    repeats: int = 200,
    seed: int,
) -> DoseResponse:
    """How many trusted rows a check needs before it speaks.

    Parameters
    ----------
    checks : mapping of str to callable
        Each takes positions of trusted rows and says whether it alarms.
    total : int
        How many trusted rows there are to draw from.
    counts : sequence of int
        The doses: numbers of trusted rows, ascending.
    repeats : int
        Draws for each.
    seed : int
        Of the draws.

    Returns
    -------
    DoseResponse
        Share of draws that alarm.
    """
    random = np.random.default_rng(seed)
    draws = [random.permutation(total) for _ in range(repeats)]
    spoke = {
        name: np.array([[check(draw[:m]) for draw in draws] for m in counts], bool)
        for name, check in checks.items()
    }
    return DoseResponse(
        np.array(counts, dtype=float),
        spoke,
        "trusted rows",
        "share of draws that alarm",
        dict.fromkeys(checks, "defence"),
        "draws",
    )


# ---------------------------------------------------------------- small things


def _classifier(model: Any) -> Classifier:
    if not isinstance(model, Classifier):
        raise BadInput(f"got a recipe of a {type(model).__name__}; wanted a classifier")
    return model


def _bytes(row: Floats) -> bytes:
    return np.ascontiguousarray(row, dtype=">f8").tobytes()
