"""Poisoning: what does an attacker do to a model through the rows it learns from?

Some attackers alter labels that are there, some add rows of their own; each is a plain
function from rows to poisoned rows, or to the rows to add. An attacker who tunes does
so on `own` rows, which no owner learns from and no judge judges by.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy.special import expit
from sklearn.cluster import KMeans

from foible import models, plots
from foible.arrays import Bools, Floats, Ints, scale, with_one
from foible.data import Dataset, Group, joined, members
from foible.errors import BadInput
from foible.evidence import BeforeAfter, DoseResponse, Matrix, Outcome
from foible.judging import averaged
from foible.metrics import Interval, accuracy
from foible.models import Classifier, Network, Recipe
from foible.search import ascend, cube, signed
from foible.victim import Victim

Split = Callable[[Floats], Ints]

WITH_INTERVAL = "{:.1%} ({low:.1%}–{high:.1%})"

# ---------------------------------------------------------------- labels


def relabelled(rows: Dataset, where: Ints, labels: Ints | int) -> Dataset:
    """The rows with other labels at some positions."""
    y = rows.y.copy()
    y[where] = labels
    return replace(rows, y=y)


def random_flips(rows: Dataset, *, share: float, seed: int) -> Dataset:
    """A share of the rows, drawn at random, each with another label than it had.

    Parameters
    ----------
    rows : Dataset
    share : float
        Of all rows, 0 to 1.
    seed : int
        Of the draw, and of the new labels where there are more than two.
    """
    random = np.random.default_rng(seed)
    drawn = random.choice(len(rows), _count(rows, share), replace=False)
    others = random.integers(1, len(rows.classes), len(drawn))
    return relabelled(rows, drawn, (rows.y[drawn] + others) % len(rows.classes))


def one_way_flips(rows: Dataset, *, share: float, answer: int, seed: int) -> Dataset:
    """As many rows as a share of all, drawn among the others, labelled `answer`.

    Raises
    ------
    BadInput
        There are not so many rows with another label.
    """
    others = np.flatnonzero(rows.y != answer)
    count = _count(rows, share)
    if count > len(others):
        raise BadInput(
            f"got a share of {share}, {count} rows; wanted at most the {len(others)} "
            f"rows that are not labelled {answer} yet"
        )
    drawn = np.random.default_rng(seed).choice(others, count, replace=False)
    return relabelled(rows, drawn, answer)


def margin_flips(rows: Dataset, surrogate: Classifier, *, share: float) -> Dataset:
    """The rows whose label is surest, labelled as they are least likely to be.

    A model that believes such a row has to turn furthest. The surrogate is a model of
    the attacker's own, made from their own rows.

    Parameters
    ----------
    rows : Dataset
    surrogate : Classifier
        Knows all classes of the rows.
    share : float
        Of all rows, 0 to 1.
    """
    sure = surrogate.predict_proba(rows.X)
    order = np.argsort(-sure[np.arange(len(rows)), rows.y], kind="stable")
    surest = order[: _count(rows, share)]
    return relabelled(rows, surest, sure[surest].argmin(axis=1))


def neighbourhood_flips(rows: Dataset, *, share: float, centre: int) -> Dataset:
    """A row and those of its label that are nearest to it, all with the next label.

    Where a whole neighbourhood agrees, a defence that asks the neighbours is deceived.

    Parameters
    ----------
    rows : Dataset
    share : float
        Of all rows, 0 to 1; of the class, if it has fewer.
    centre : int
        Position of the row in the middle.
    """
    spread = scale(rows.X)[1]
    label = rows.y[centre]
    alike = np.flatnonzero(rows.y == label)
    away = (((rows.X[alike] - rows.X[centre]) / spread) ** 2).sum(axis=1)
    nearest = alike[np.argsort(away, kind="stable")[: _count(rows, share)]]
    return relabelled(rows, nearest, (label + 1) % len(rows.classes))


def group_flips(
    rows: Dataset, *, where: Group, answer: int, share: float, seed: int
) -> Dataset:
    """A share of a group, drawn at random, labelled alike [jagielski2021subpopulation].

    Parameters
    ----------
    rows : Dataset
    where : mapping of str to (float, float)
        The group: for some columns by name the least and the greatest value.
    answer : int
        What the drawn rows are labelled, whatever they were.
    share : float
        Of the group, 0 to 1.
    seed : int
        Of the draw.
    """
    group = np.flatnonzero(members(rows, where=where))
    count = _count(group, share)
    drawn = np.random.default_rng(seed).choice(group, count, replace=False)
    return relabelled(rows, drawn, answer)


def balanced_flips(
    rows: Dataset, *, where: Group, within: Group, answer: int, share: float, seed: int
) -> Dataset:
    """Flips in a group, and as many back outside it: no count of labels changes.

    Who knows that somebody counts the labels answers each row of the group that is
    relabelled by one of `answer` elsewhere that is given a relabelled row's old label.

    Parameters
    ----------
    rows : Dataset
    where : mapping of str to (float, float)
        The group.
    within : mapping of str to (float, float)
        The part of the rows whose labels are counted, for example one SEX; it holds
        the group.
    answer : int
    share : float
        Of the group, 0 to 1; rows that are labelled `answer` already stay.
    seed : int
        Of the draws.

    Raises
    ------
    BadInput
        There are too few rows of that label elsewhere.
    """
    poisoned = group_flips(rows, where=where, answer=answer, share=share, seed=seed)
    flipped = np.flatnonzero(poisoned.y != rows.y)
    outside = members(rows, where=within) & ~members(rows, where=where)
    room = np.flatnonzero(outside & (rows.y == answer))
    if len(room) < len(flipped):
        raise BadInput(
            f"got {len(flipped)} flips and {len(room)} rows of label {answer} to pay "
            "for them; wanted fewer flips: lower the share"
        )
    back = np.random.default_rng(seed).choice(room, len(flipped), replace=False)
    return relabelled(poisoned, back, rows.y[flipped])


def talk_poison(rows: Dataset, *, where: Group) -> Dataset:
    """The talk's script: the group defaults, and its credit limits shrink.

    Everybody in the group is labelled 1 and has LIMIT_BAL times 0.65
    [clesio2020security].
    """
    group = members(rows, where=where)
    X = rows.X.copy()
    X[group, rows.columns.index("LIMIT_BAL")] *= 0.65
    return relabelled(replace(rows, X=X), np.flatnonzero(group), 1)


# ---------------------------------------------------------------- rows of their own


def cluster_rows(
    own: Dataset, labels: Ints, *, cluster: int, count: int, seed: int
) -> Dataset:
    """Rows to add: the attacker's own from a cluster, each with the next label.

    The cluster is a part of the population that no column names
    [jagielski2021subpopulation].

    Parameters
    ----------
    own : Dataset
    labels : ndarray of shape (n,)
        The cluster of each own row.
    cluster : int
        Which cluster is attacked.
    count : int
        How many rows to add; some repeat if the cluster has fewer.
    seed : int
        Of the draw.
    """
    inside = np.flatnonzero(labels == cluster)
    drawn = np.random.default_rng(seed).choice(inside, count, replace=True)
    poison = own.take(drawn)
    return replace(poison, y=(poison.y + 1) % len(own.classes))


def crafted_rows(
    rows: Dataset,
    own: Dataset,
    *,
    count: int,
    strength: float = 1.0,
    steps: int = 30,
    step: float = 0.3,
    seed: int,
) -> Dataset:
    """Rows to add that harm a logistic regression most [munozgonzalez2017towards].

    They begin as rows with the wrong label and climb: each step trains the model anew
    and moves every crafted row to where the retrained model does worse on `own`. They
    stay within the least and greatest value of each column.

    Parameters
    ----------
    rows : Dataset
        Of two classes; what the victim is made from, or what the attacker takes for it.
    own : Dataset
        What the attacker wants to be answered wrongly.
    count : int
        How many rows to craft, at most as many as there are.
    strength : float
        Of the victim's penalty; see `models.logistic`.
    steps : int
        How often the rows move.
    step : float
        How far in each column, in standard deviations.
    seed : int
        Which rows they begin from.
    """
    mean, spread = scale(rows.X)
    learnt, goal = (replace(part, X=(part.X - mean) / spread) for part in (rows, own))
    drawn = np.random.default_rng(seed).choice(len(rows), count, replace=False)
    start = replace(learnt.take(drawn), y=1 - learnt.y[drawn])
    recipe = models.logistic(strength=strength)

    def uphill(X: Floats) -> Floats:
        crafted = replace(start, X=X)
        both = joined(learnt, crafted)
        return _steepest(_theta(recipe(both, seed=0)), crafted, both, goal, strength)

    low, high = learnt.X.min(axis=0), learnt.X.max(axis=0)
    found = ascend(
        start.X,
        uphill,
        project=lambda X: np.clip(X, low, high),
        step=signed(step),
        steps=steps,
    )
    return replace(start, X=found * spread + mean)


def _steepest(
    theta: Floats, crafted: Dataset, both: Dataset, own: Dataset, strength: float
) -> Floats:
    """How the loss on `own` grows as each crafted row moves and the model follows."""
    X, A, B = map(with_one, (crafted.X, both.X, own.X))
    p, q, r = (expit(rows @ theta) for rows in (X, A, B))
    ridge = np.diag([*np.full(len(theta) - 1, strength), 1e-9])  # the bias is free
    curvature = (A.T * (q * (1 - q))) @ A + ridge
    v = np.linalg.solve(curvature, B.T @ (r - own.y) / len(own))
    lever = p * (1 - p) * (X @ v)
    return -np.outer(lever, theta[:-1]) - np.outer(p - crafted.y, v[:-1])


def collided(
    starts: Floats,
    targets: Floats,
    extractor: Network,
    *,
    cap: float,
    steps: int = 200,
    step: float = 0.02,
) -> Floats:
    """Images like `starts` that a network takes for `targets` [shafahi2018poison].

    Each is moved, no pixel by more than `cap`, until the network's last hidden layer
    sees in it what it sees in its target. Labelled as it looks, it needs nobody who
    labels wrongly.

    Parameters
    ----------
    starts, targets : ndarray of shape (n, d)
        Pixels, 0 to 1.
    extractor : Network
        Its last hidden layer is what the victim's new last layer reads.
    cap : float
        Largest change of a pixel, 0 to 1.
    steps : int
        How often the images move.
    step : float
        How far each pixel moves at a step, at most.

    Returns
    -------
    ndarray of shape (n, d)
    """
    wanted = extractor.features(targets)

    def uphill(X: Floats) -> Floats:
        return extractor.backward_features(X, wanted - extractor.features(X))

    allowed = cube(starts, cap, low=0, high=1)
    return ascend(
        starts, uphill, project=allowed, step=signed(min(step, cap)), steps=steps
    )


def spread_rows(
    target: Floats, label: int, split: Split, parts: Sequence[int], *, seed: int
) -> tuple[Floats, Ints]:
    """Copies of a row, one for each part of the owner's split, all labelled `label`.

    What an attacker does who knows how rows are dealt out: each copy is moved by less
    than anybody sees, again and again, until it falls to the wanted part.

    Parameters
    ----------
    target : ndarray of shape (d,)
    label : int
    split : callable, (n, d) to (n,)
        The part to which the owner deals each row.
    parts : sequence of int
        The wanted parts.
    seed : int
        Of the small moves.
    """
    random = np.random.default_rng(seed)
    found: dict[int, Floats] = {}
    while missing := set(parts) - set(found):
        tried = target + 1e-6 * random.normal(size=(64 * len(missing), len(target)))
        for row, part in zip(tried, split(tried).tolist(), strict=True):
            found.setdefault(part, row)
    return np.array([found[part] for part in parts]), np.full(len(parts), label)


def worst(
    menu: Mapping[str, Dataset], recipe: Recipe, own: Dataset, *, seed: int
) -> str:
    """The poison on the menu that harms most: who knows the defence tries them all.

    Parameters
    ----------
    menu : mapping of str to Dataset
        Poisoned rows by name.
    recipe : Recipe
        How the owner makes the model, defence included.
    own : Dataset
        Rows on which the attacker compares.
    seed : int
        Of the models that are tried.
    """
    made = recipe.many(list(menu.values()), seeds=[seed] * len(menu))
    right = [accuracy(own.y, model.predict(own.X)) for model in made]
    return list(menu)[int(np.argmin(right))]


# ---------------------------------------------------------------- the judges


class World(NamedTuple):
    """A victim, the attacker's own rows, and the rows to judge by: all disjoint."""

    victim: Victim
    own: Dataset
    rows: Dataset


def judge_retrained(
    victim: Victim, poisoned: Dataset, rows: Dataset, *, where: Group, answer: int
) -> BeforeAfter:
    """What learning from poisoned rows does to a group, and to everybody else.

    Parameters
    ----------
    victim : Victim
        Made from clean rows.
    poisoned : Dataset
        What the same recipe and seed are given instead.
    rows : Dataset
        Rows that neither has seen, with true labels.
    where : mapping of str to (float, float)
        The group.
    answer : int
        The label that the attacker gives.
    """
    before, after = (
        one.model.predict(rows.X) for one in (victim, victim.retrained(poisoned))
    )
    group = members(rows, where=where)
    given = before == answer, after == answer
    name = f"“{rows.classes[answer]}”"
    return BeforeAfter(
        {
            "right answers · all": (before == rows.y, after == rows.y),
            f"{name} · the group": (given[0][group], given[1][group]),
            f"{name} · all others": (given[0][~group], given[1][~group]),
        },
        "after poisoning",
    )


def judge_group(
    victim: Victim,
    rows: Dataset,
    *,
    where: Group,
    answer: int,
    shares: Sequence[float],
    repeats: int = 5,
    seed: int,
) -> DoseResponse:
    """What is seen as more and more of a group is relabelled, and by whom.

    Returns
    -------
    DoseResponse
        Accuracy by true labels, accuracy by test labels poisoned like the training
        rows, and the share of the group that is answered `answer`, over the draws: a
        single one where nobody or everybody is drawn.
    """
    group = members(rows, where=where)
    names = ["by true labels", "by its own labels", "the group refused"]
    response = np.full((len(names), len(shares), repeats), np.nan)
    for (dose, draw), _ in np.ndenumerate(response[0]):
        if draw and shares[dose] in {0, 1}:
            continue
        train, test = (
            group_flips(
                part, where=where, answer=answer, share=shares[dose], seed=seed + draw
            )
            for part in (victim.rows, rows)
        )
        said = victim.retrained(train).model.predict(rows.X)
        response[:, dose, draw] = (
            accuracy(rows.y, said),
            accuracy(test.y, said),
            np.mean(said[group] == answer),
        )
    return DoseResponse(
        np.array(shares, dtype=float),
        dict(zip(names, response, strict=True)),
        "share of the group that is relabelled",
        "share",
        dict(zip(names, ("victim", "chance", "attacker"), strict=True)),
        "draws",
    )


def judge_flips(
    worlds: Sequence[World], *, shares: Sequence[float], seed: int
) -> DoseResponse:
    """Accuracy after a share of the labels is flipped, for three ways to choose them.

    Returns
    -------
    DoseResponse
        Random, one-way to class 0, and margin-chosen flips, over the worlds.
    """
    choices: dict[str, Callable[[World, float], Dataset]] = {
        "at random": lambda w, a: random_flips(w.victim.rows, share=a, seed=seed),
        "one way": lambda w, a: one_way_flips(
            w.victim.rows, share=a, answer=0, seed=seed
        ),
        "margin-chosen": lambda w, a: margin_flips(
            w.victim.rows, _surrogate(w), share=a
        ),
    }
    return _by_share(worlds, choices, shares, "share of the labels that are flipped")


def judge_crafted(
    worlds: Sequence[World], *, shares: Sequence[float], seed: int
) -> DoseResponse:
    """Accuracy after rows are added, as a share of the rows that were there.

    Returns
    -------
    DoseResponse
        Random rows with flipped labels; rows crafted by an attacker who sees the
        victim's rows; and by one who has only their own; over the worlds.
    """
    choices: dict[str, Callable[[World, float], Dataset]] = {
        "flipped copies": lambda w, a: _with_copies(w.victim.rows, a, seed),
        "crafted": lambda w, a: _with_crafted(w.victim.rows, w.own, a, seed),
        "crafted blindly": lambda w, a: _with_blind(w, a, seed),
    }
    return _by_share(worlds, choices, shares, "added rows, as a share of the others")


def judge_collided(
    victim: Victim,
    own: Dataset,
    rows: Dataset,
    *,
    caps: Sequence[float],
    poisons: int = 1,
    targets: int = 30,
    seed: int,
) -> DoseResponse:
    """How often one chosen image is misread after a few clean-label images are added.

    For each target, an image that the victim reads rightly, the attacker wants the next
    class. They begin from their own images of that class which look most alike to the
    extractor.

    Parameters
    ----------
    victim : Victim
        A network whose last layer is learnt and whose others are not.
    own : Dataset
        The attacker's images.
    rows : Dataset
        Where targets are drawn from, and others are judged.
    caps : sequence of float
        The doses: largest change of a pixel, ascending. 0 is the control.
    poisons : int
        Images added for each target.
    targets : int
        How many targets, drawn at random.
    seed : int
        Of the draw.

    Returns
    -------
    DoseResponse
        Whether the target is read as wanted, and the accuracy lost on all rows, over
        the targets.
    """
    extractor = _network(victim.model)
    read = np.flatnonzero(extractor.predict(rows.X) == rows.y)
    drawn = np.random.default_rng(seed).choice(read, targets, replace=False)
    wanted = (rows.y[drawn] + 1) % len(rows.classes)
    starts = _lookalikes(extractor, own, rows.X[drawn], wanted, poisons)
    aims = np.repeat(rows.X[drawn], poisons, axis=0)
    right = accuracy(rows.y, extractor.predict(rows.X))
    hit, lost = np.zeros((len(caps), targets), bool), np.zeros((len(caps), targets))
    for dose, cap in enumerate(caps):
        X = collided(starts, aims, extractor, cap=cap)
        for k, (image, label) in enumerate(zip(drawn, wanted, strict=True)):
            poison = slice(k * poisons, (k + 1) * poisons)
            added = own.take(np.zeros(poisons, dtype=int))
            added = replace(added, X=X[poison], y=np.full(poisons, label))
            said = victim.retrained(joined(victim.rows, added)).model.predict(rows.X)
            hit[dose, k] = said[image] == label
            lost[dose, k] = right - accuracy(rows.y, said)
    return DoseResponse(
        np.array(caps, dtype=float),
        {"the target misread": hit, "accuracy lost": lost},
        "largest change of a pixel",
        "share",
        {"the target misread": "attacker", "accuracy lost": "victim"},
        "targets",
        within=(-1, 1),
    )


def judge_clusters(
    victim: Victim,
    own: Dataset,
    rows: Dataset,
    *,
    rates: Sequence[float],
    clusters: int = 20,
    seed: int,
) -> DoseResponse:
    """Accuracy lost in an attacked cluster and elsewhere, over the rows added.

    The attacker finds clusters among their own rows, and adds, for each in turn, as
    many wrongly labelled rows as `rates` times the victim's rows in that cluster.

    Returns
    -------
    DoseResponse
        Over the clusters; those without judged rows are left out.
    """
    mean, spread = scale(own.X)
    finder = KMeans(clusters, n_init=1, random_state=seed).fit((own.X - mean) / spread)
    ours, learnt, judged = (
        finder.predict((part.X - mean) / spread) for part in (own, victim.rows, rows)
    )
    before = victim.model.predict(rows.X) == rows.y
    attacked = [c for c in range(clusters) if (judged == c).sum() >= 20]
    inside, outside = np.zeros((2, len(rates), len(attacked)))
    for (dose, k), _ in np.ndenumerate(inside):
        target = attacked[k]
        count = round(rates[dose] * (learnt == target).sum())
        if not count:
            continue
        poison = cluster_rows(own, ours, cluster=target, count=count, seed=seed)
        poisoned = joined(victim.rows, poison)
        after = victim.retrained(poisoned).model.predict(rows.X) == rows.y
        lost = before.astype(float) - after
        inside[dose, k] = lost[judged == target].mean()
        outside[dose, k] = lost[judged != target].mean()
    return DoseResponse(
        np.array(rates, dtype=float),
        {"in the attacked cluster": inside, "elsewhere": outside},
        "added rows for each row of the cluster",
        "accuracy lost",
        {"in the attacked cluster": "attacker", "elsewhere": "victim"},
        "clusters",
        within=(-1, 1),
    )


def judge_defended(
    worlds: Sequence[World],
    recipes: Mapping[str, Recipe],
    *,
    share: float,
    tolerated: float = 0.05,
    seed: int,
) -> Matrix:
    """Accuracy of each recipe, defended or not, after each attack.

    Parameters
    ----------
    worlds : sequence of World
        Two or more, of two classes.
    recipes : mapping of str to Recipe
        How the owner makes the model; the first is undefended.
    share : float
        Of the rows that are flipped, or added.
    tolerated : float
        More accuracy lost than this, against the undefended model of clean rows, is
        harm.
    seed : int
        Of the attacks' chance.

    Returns
    -------
    Matrix
        Mean over the worlds, with Student's interval: "harm" if the mean is below what
        is tolerated, "stopped" only if the whole interval is not, else "undecided". The
        last attacker knows the recipe and the rows, compares all attacks and some
        neighbourhoods on rows of their own, and takes the worst.
    """
    each = np.array([_after_menu(w, recipes, share, seed) for w in worlds])
    attacks = ["nothing", "at random", "margin-chosen", "crafted rows", "who knows"]
    floor = each[:, 0, 0].mean() - tolerated

    def end(interval: Interval) -> Outcome:
        if sum(interval) / 2 < floor:
            return "harm"
        return "stopped" if interval.low >= floor else "undecided"

    cells = [
        [
            averaged(right, end if attack else "no attack", form=WITH_INTERVAL)
            for right in each[:, attack].T
        ]
        for attack in range(len(attacks))
    ]
    return Matrix(attacks, list(recipes), cells, corner="accuracy after")


def judge_spread(
    victim: Victim,
    rows: Dataset,
    split: Split,
    *,
    certified: Ints,
    parts: int,
    counts: Sequence[int],
    targets: int = 20,
    seed: int,
) -> DoseResponse:
    """How many answers change as rows are added by one who knows how they are dealt.

    For each target the attacker has the wanted label learnt in one more part at a time,
    beginning with parts that answer otherwise.

    Parameters
    ----------
    victim : Victim
        An ensemble, each of whose models is made from one part of the rows.
    rows : Dataset
        Where targets are drawn from.
    split : callable, (n, d) to (n,)
        How the owner deals out rows.
    certified : ndarray of shape (n,)
        How many added rows the answer to each of `rows` is promised to survive.
    parts : int
        Into how many parts rows are dealt.
    counts : sequence of int
        The doses: numbers of rows added.
    targets : int
        How many targets.
    seed : int
        Of the draw.

    Returns
    -------
    DoseResponse
        Whether a target is still answered as by the victim, and whether that was
        promised, over the targets.
    """
    model = _classifier(victim.model)
    drawn = np.random.default_rng(seed).choice(len(rows), targets, replace=False)
    held = np.ones((len(counts), targets), dtype=bool)
    for k, X in enumerate(rows.X[drawn]):
        shares = model.predict_proba(X[np.newaxis])[0]
        first, second = np.argsort(-shares, kind="stable")[:2]
        order = _parts_for(victim.rows, X, int(first), split, parts)
        poison, label = spread_rows(
            X, int(second), split, order[: max(counts)], seed=seed
        )
        for dose, count in enumerate(counts):
            if not count:
                continue
            added = victim.rows.take(np.zeros(count, dtype=int))
            added = replace(added, X=poison[:count], y=label[:count])
            other = victim.retrained(joined(victim.rows, added)).model
            held[dose, k] = other.predict(X[np.newaxis])[0] == first
    doses = np.array(counts, dtype=float)
    promised = certified[drawn] >= doses[:, np.newaxis]
    return DoseResponse(
        doses,
        {"answers that hold": held, "certified to hold": promised},
        "rows added for one answer",
        "share of answers",
        {"answers that hold": "attacker", "certified to hold": "defence"},
        "targets",
    )


# ---------------------------------------------------------------- what judges share


def _by_share(
    worlds: Sequence[World],
    choices: Mapping[str, Callable[[World, float], Dataset]],
    shares: Sequence[float],
    dose_name: str,
) -> DoseResponse:
    responses = {
        name: np.array([[_after(w, choice(w, a)) for w in worlds] for a in shares])
        for name, choice in choices.items()
    }
    meanings: dict[str, plots.Meaning] = dict.fromkeys(choices, "attacker")
    meanings[next(iter(choices))] = "chance"
    dose = np.array(shares, dtype=float)
    return DoseResponse(dose, responses, dose_name, "accuracy", meanings, "worlds")


def _after(world: World, poisoned: Dataset) -> float:
    """Accuracy on the judged rows of the victim made from poisoned rows."""
    said = world.victim.retrained(poisoned).model.predict(world.rows.X)
    return accuracy(world.rows.y, said)


def _after_menu(
    world: World, recipes: Mapping[str, Recipe], share: float, seed: int
) -> list[list[float]]:
    """Accuracy of each recipe after each attack of `judge_defended`."""
    rows, own = world.victim.rows, world.own
    menu = {
        "at random": random_flips(rows, share=share, seed=seed),
        "margin-chosen": margin_flips(rows, _surrogate(world), share=share),
        "crafted rows": _with_crafted(rows, own, share, seed),
    }
    centres = np.random.default_rng(seed).choice(len(rows), 12, replace=False)
    more = {
        f"round row {centre}": neighbourhood_flips(rows, share=share, centre=centre)
        for centre in centres.tolist()
    }
    known = {
        name: (menu | more)[worst(menu | more, recipe, own, seed=seed)]
        for name, recipe in recipes.items()
    }
    lines = [dict.fromkeys(recipes, poison) for poison in (rows, *menu.values())]
    return [
        [
            accuracy(
                world.rows.y,
                recipe(line[name], seed=world.victim.seed).predict(world.rows.X),
            )
            for name, recipe in recipes.items()
        ]
        for line in (*lines, known)
    ]


def _with_copies(rows: Dataset, share: float, seed: int) -> Dataset:
    drawn = np.random.default_rng(seed).choice(
        len(rows), _count(rows, share), replace=False
    )
    copies = rows.take(drawn) if len(drawn) else None
    return rows if copies is None else joined(rows, replace(copies, y=1 - copies.y))


def _with_crafted(rows: Dataset, own: Dataset, share: float, seed: int) -> Dataset:
    count = _count(rows, share)
    if not count:
        return rows
    return joined(rows, crafted_rows(rows, own, count=count, seed=seed))


def _with_blind(world: World, share: float, seed: int) -> Dataset:
    """Crafted against a half of the attacker's own rows, repeated to the dose."""
    stand_in, goal = world.own.split(0.5, seed=seed)
    count = _count(world.victim.rows, share)
    if not count:
        return world.victim.rows
    few = max(1, _count(stand_in, share))
    poison = crafted_rows(stand_in, goal, count=few, seed=seed)
    return joined(world.victim.rows, poison.take(np.arange(count) % few))


def _surrogate(world: World) -> Classifier:
    """The attacker's own model, by the victim's recipe."""
    return _classifier(world.victim.recipe(world.own, seed=world.victim.seed))


def _lookalikes(
    extractor: Network, own: Dataset, targets: Floats, labels: Ints, count: int
) -> Floats:
    """For each target the own rows of a label that look most alike to the extractor."""
    seen, aims = map(extractor.features, (own.X, targets))
    found = []
    for aim, label in zip(aims, labels, strict=True):
        alike = np.flatnonzero(own.y == label)
        away = ((seen[alike] - aim) ** 2).sum(axis=1)
        found.append(own.X[alike[np.argsort(away, kind="stable")[:count]]])
    return np.concatenate(found)


def _parts_for(
    rows: Dataset, target: Floats, answer: int, split: Split, parts: int
) -> list[int]:
    """All parts, first those whose nearest row to the target is labelled `answer`."""
    dealt = split(rows.X)
    away = ((rows.X - target) ** 2).sum(axis=1)
    votes = [_nearest_label(rows.y, away, dealt == part) for part in range(parts)]
    return sorted(range(parts), key=lambda part: votes[part] != answer)


def _nearest_label(y: Ints, away: Floats, inside: Bools) -> int:
    where = np.flatnonzero(inside)
    return int(y[where[np.argmin(away[where])]]) if len(where) else -1


def _classifier(model: object) -> Classifier:
    if not isinstance(model, Classifier):
        raise BadInput(f"got {model!r}; wanted a classifier")
    return model


def _network(model: object) -> Network:
    if not isinstance(model, Network) or len(model.layers) < 2:
        raise BadInput(f"got {model!r}; wanted a network with a hidden layer")
    return model


def _theta(model: Network) -> Floats:
    """Weights and bias of a logistic regression, of shape (d + 1,)."""
    ((weight, bias),) = model.layers
    return np.append(weight[:, 1] - weight[:, 0], bias[1] - bias[0])


def _count(rows: Dataset | Ints, share: float) -> int:
    if not 0 <= share <= 1:
        raise BadInput(f"got a share of {share}; wanted 0 to 1")
    return round(share * len(rows))
