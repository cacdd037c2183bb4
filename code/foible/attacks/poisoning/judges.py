"""What does each poison do to a model, as somebody sees who knows the true labels?"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial

import numpy as np

from foible.arrays import Bools, Floats, Ints
from foible.attacks.poisoning import collisions, crafted, knowing, labels
from foible.attacks.poisoning.groups import cluster_rows, clustering, group_flips
from foible.attacks.poisoning.knowing import Split, parts_for, spread_rows
from foible.data import Dataset, Group, joined, members
from foible.domains import Amount, Count, Natural, Seed, Share
from foible.evidence import NOT_TRIED, BeforeAfter, Cell, DoseResponse, Matrix, Outcome
from foible.judging import World, averaged, each, panel, sweep
from foible.judging.panels import Ending
from foible.metrics import Interval, accuracy
from foible.models import Recipe, as_classifier, as_network
from foible.plots import Meaning
from foible.victim import Victim

WITH_INTERVAL = "{:.1%} ({low:.1%}–{high:.1%})"
KNOWS, SAVED = "who knows", "who knows: more than unscreened"


def judge_retrained(
    victim: Victim, poisoned: Dataset, rows: Dataset, *, where: Group, answer: Natural
) -> BeforeAfter:
    """What learning from poisoned rows does to a group, and to everybody else.

    The same recipe and seed make the other model; both are judged on `rows`, which
    neither has seen, by true labels. `answer` is what the attacker gives the group.
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
    answer: Natural,
    shares: Sequence[Share],
    repeats: Count = 5,
    seed: Seed,
) -> DoseResponse:
    """What is seen as more and more of a group is relabelled, and by whom.

    Accuracy by true labels, accuracy by test labels poisoned like the training rows,
    and the share of the group that is answered `answer`, over the draws: a single one
    where nobody or everybody is drawn.
    """
    group = members(rows, where=where)
    names = ["by true labels", "by its own labels", "the group refused"]

    def seen(share: float, draw: int) -> dict[str, float]:
        train, test = (
            group_flips(part, where=where, answer=answer, share=share, seed=seed + draw)
            for part in (victim.rows, rows)
        )
        said = victim.retrained(train).model.predict(rows.X)
        own, refused = accuracy(test.y, said), float(np.mean(said[group] == answer))
        return dict(zip(names, (accuracy(rows.y, said), own, refused), strict=True))

    return sweep(
        shares,
        lambda share: each(range(repeats if 0 < share < 1 else 1), seen)(share),
        lines=dict(zip(names, ("victim", "chance", "attacker"), strict=True)),
        dose_name="share of the group that is relabelled",
        response_name="per cent",
        units="draws",
        dose_share=True,
    )


def judge_flips(
    worlds: Sequence[World], *, shares: Sequence[Share], seed: Seed
) -> DoseResponse:
    """Accuracy after a share of the labels is flipped, over the worlds.

    Chosen in three ways: at random, one way to class 0, and by margin.
    """

    def flip(share: float, w: World) -> dict[str, Dataset]:
        rows = w.victim.rows
        return {
            "at random": labels.random_flips(rows, share=share, seed=seed),
            "one way": labels.one_way_flips(rows, share=share, answer=0, seed=seed),
            "margin-chosen": labels.margin_flips(rows, w.surrogate(), share=share),
        }

    return _by_share(worlds, flip, shares, "share of the labels that are flipped")


def judge_crafted(
    worlds: Sequence[World], *, shares: Sequence[Share], seed: Seed
) -> DoseResponse:
    """Accuracy after rows are added, over the worlds.

    Random rows with flipped labels; rows crafted by an attacker who sees the victim's
    rows; and by one who has only their own. The dose is the share of added rows, of
    those that were there.
    """

    def add(share: float, w: World) -> dict[str, Dataset]:
        rows, own = w.victim.rows, w.own
        crafts = {
            "flipped copies": partial(crafted.flipped_copies, rows),
            "crafted": partial(crafted.crafted_rows, rows, own),
            "crafted blindly": partial(crafted.blind_rows, own, share=share),
        }
        return {
            name: crafted.enlarged(rows, partial(craft, seed=seed), share=share)
            for name, craft in crafts.items()
        }

    return _by_share(worlds, add, shares, "added rows, as a share of the others")


def judge_collided(
    victim: Victim,
    own: Dataset,
    rows: Dataset,
    *,
    caps: Sequence[Share],
    tried: Amount,
    poisons: Count = 1,
    targets: Count = 30,
    seed: Seed,
) -> DoseResponse:
    """Whether one chosen image is misread after a few clean-label images are added.

    For each target, an image that the victim reads rightly, the attacker wants the
    class that their own copies were most surely led to (`collisions.classes_to_hit`).
    They begin from their own images of it which look most alike to the extractor.

    Parameters
    ----------
    victim : Victim
        A network whose last layer is learnt and whose others are not.
    own, rows : Dataset
        The attacker's images; and where targets are drawn from, and others are judged.
    caps : sequence of float
        The doses: largest change of a pixel. 0 is the control.
    tried : float
        The one at which the attacker tries the classes.
    poisons, targets : int
        Images added for each target, and how many targets are drawn.
    """
    extractor = as_network(victim.model, least=2)
    said = extractor.predict(rows.X)
    read = np.flatnonzero(said == rows.y)
    drawn = np.random.default_rng(seed).choice(read, targets, replace=False)
    aims, right = rows.X[drawn], rows.y[drawn]
    wanted = collisions.classes_to_hit(
        extractor, own, victim.recipe, aims, right, cap=tried, count=poisons, seed=seed
    )
    starts = collisions.lookalikes(extractor, own, aims, wanted, count=poisons)
    aims = np.repeat(aims, poisons, axis=0)

    def measure(cap: float) -> dict[str, Floats | Bools]:
        moved = collisions.collided(starts, aims, extractor, cap=cap)
        pairs = zip(np.split(moved, targets), wanted, strict=True)
        more = (labels.extended(victim.rows, *pair) for pair in pairs)
        made = (victim.retrained(poisoned).model for poisoned in more)
        after = np.array([model.predict(rows.X) for model in made])
        right = (after == rows.y).mean(axis=1)
        return {
            "the target misread": after[np.arange(targets), drawn] == wanted,
            "accuracy lost": accuracy(rows.y, said) - right,
        }

    return sweep(
        caps,
        measure,
        lines={"the target misread": "attacker", "accuracy lost": "victim"},
        dose_name="largest change of a pixel",
        response_name="per cent",
        units="targets",
        within=(-1, 1),
        response_share=True,
    )


def judge_clusters(
    victim: Victim,
    own: Dataset,
    rows: Dataset,
    *,
    rates: Sequence[Amount],
    clusters: Count = 20,
    seed: Seed,
) -> DoseResponse:
    """Accuracy lost in an attacked cluster and elsewhere, over the rows added.

    The attacker finds clusters among their own rows, and adds, for each in turn, as
    many wrongly labelled rows as `rates` times the victim's rows in that cluster; one
    with fewer than 20 judged rows is left out.
    """
    cluster = clustering(own, count=clusters, seed=seed)
    ours, learnt, judged = (cluster(part.X) for part in (own, victim.rows, rows))
    before = victim.model.predict(rows.X) == rows.y

    def lost(rate: float, target: int) -> dict[str, float]:
        count = round(rate * (learnt == target).sum())
        poisoned = victim
        if count:
            poison = cluster_rows(own, ours, cluster=target, count=count, seed=seed)
            poisoned = victim.retrained(joined(victim.rows, poison))
        after = poisoned.model.predict(rows.X) == rows.y
        fall = before.astype(float) - after
        return {
            "in the attacked cluster": fall[judged == target].mean(),
            "elsewhere": fall[judged != target].mean(),
        }

    return sweep(
        rates,
        each([c for c in range(clusters) if (judged == c).sum() >= 20], lost),
        lines={"in the attacked cluster": "attacker", "elsewhere": "victim"},
        dose_name="added rows for each row of the cluster",
        response_name="accuracy lost",
        units="clusters",
        within=(-1, 1),
        response_share=True,
    )


def judge_defended(
    worlds: Sequence[World],
    recipes: Mapping[str, Recipe],
    *,
    share: Share,
    centres: Count,
    tolerated: Share = 0.05,
    seed: Seed,
) -> Matrix:
    """Accuracy of each recipe, defended or not, after each attack, over the worlds.

    Parameters
    ----------
    recipes : mapping of str to Recipe
        How the owner makes the model; the first is undefended.
    share : float
        Of the rows that are flipped, or added.
    centres : int
        Rows round which who knows tries `knowing.neighbourhoods`, beside all attacks.
    tolerated : float
        Accuracy lost, against the undefended model of clean rows, that is no harm.

    Returns
    -------
    Matrix
        Mean over the worlds, with Student's interval: "harm" if the mean is below what
        is tolerated, "stopped" only if the whole interval is not, else "undecided". Who
        knows the recipe and the rows tries them all on rows of their own, and sends
        what leaves least. The last row is by how much more the recipe then keeps than
        the undefended one, world by world.
    """
    known = [(w.victim.rows, w.own, w.surrogate()) for w in worlds]
    strange = [knowing.menu(*given, share=share, seed=seed) for given in known]
    near = partial(knowing.neighbourhoods, share=share, count=centres, seed=seed)
    more = [near(rows, surrogate) for rows, _, surrogate in known]

    def poisoned(attack: str, name: str, k: int) -> Dataset:
        if attack == "nothing":
            return worlds[k].victim.rows
        if attack in strange[k]:
            return strange[k][attack]
        tried = strange[k] | more[k]
        left = knowing.kept(tried, recipes[name], worlds[k].own, seed=seed)
        return list(tried.values())[int(np.argmin(left))]

    @cache
    def kept(attack: str, name: str) -> tuple[float, ...]:
        made = (poisoned(attack, name, k) for k in range(len(worlds)))
        pairs = zip(worlds, made, strict=True)
        return tuple(w.right(rows, recipes[name]) for w, rows in pairs)

    first = next(iter(recipes))
    floor = np.mean(kept("nothing", first)) - tolerated

    def end(interval: Interval) -> Outcome:
        kept: Outcome = "stopped" if interval.low >= floor else "undecided"
        return "harm" if sum(interval) / 2 < floor else kept

    def measure(attack: str, name: str) -> Cell:
        if attack == SAVED and name == first:
            return NOT_TRIED
        if attack == SAVED:
            gained = np.subtract(kept(KNOWS, name), kept(KNOWS, first))
            return averaged(gained, form=WITH_INTERVAL)
        ends: Ending = "no attack" if attack == "nothing" else end
        return averaged(kept(attack, name), ends, form=WITH_INTERVAL)

    rows = {row: row for row in ("nothing", *strange[0], KNOWS, SAVED)}
    return panel(rows, {n: n for n in recipes}, measure, corner="accuracy after")


def judge_spread(
    victim: Victim,
    rows: Dataset,
    split: Split,
    *,
    certified: Ints,
    parts: Count,
    counts: Sequence[Natural],
    targets: Count = 20,
    seed: Seed,
) -> DoseResponse:
    """Which answers hold as rows are added by one who knows how they are dealt.

    For each target the attacker has the wanted label learnt in one more part at a time,
    beginning with parts that answer otherwise.

    Parameters
    ----------
    victim : Victim
        An ensemble, each of whose models is made from one of the `parts` of the rows.
    rows : Dataset
        Where the `targets` are drawn from.
    split : Split
    certified : ndarray of shape (n,)
        How many added rows the answer to each of `rows` is promised to survive.
    counts : sequence of int
        The doses: numbers of rows added.
    """
    drawn = np.random.default_rng(seed).choice(len(rows), targets, replace=False)
    shares = as_classifier(victim.model).predict_proba(rows.X[drawn])
    first, second = np.argsort(-shares, axis=1, kind="stable").T[:2]

    def copies(k: int) -> tuple[Floats, Ints]:
        X, answer, label = rows.X[drawn[k]], int(first[k]), int(second[k])
        order = parts_for(victim.rows, X, answer, split, parts=parts)
        return spread_rows(X, label, split, order[: max(counts)], seed=seed)

    poison = [copies(k) for k in range(targets)]

    def holds(count: float, k: int) -> dict[str, bool]:
        X, y = poison[k]
        n, other = int(count), victim
        if n:
            other = victim.retrained(labels.extended(victim.rows, X[:n], y[:n]))
        answer = other.model.predict(rows.X[drawn[k] : drawn[k] + 1])[0]
        return {
            "answers that hold": bool(answer == first[k]),
            "certified to hold": bool(certified[drawn[k]] >= count),
        }

    return sweep(
        counts,
        each(range(targets), holds),
        lines={"answers that hold": "attacker", "certified to hold": "defence"},
        dose_name="rows added for one answer",
        response_name="answers",
        units="targets",
    )


# ---------------------------------------------------------------- what judges share


def _by_share(
    worlds: Sequence[World],
    poison: Callable[[float, World], Mapping[str, Dataset]],
    shares: Sequence[float],
    dose_name: str,
) -> DoseResponse:
    """Accuracy by true labels after each poison; the first is chance."""

    def left(share: float, world: World) -> dict[str, float]:
        return {name: world.right(rows) for name, rows in poison(share, world).items()}

    first, *others = poison(0, worlds[0])
    lines: dict[str, Meaning] = {first: "chance"}
    return sweep(
        shares,
        each(worlds, left),
        lines=lines | dict.fromkeys(others, "attacker"),
        dose_name=dose_name,
        response_name="accuracy",
        units="worlds",
        dose_share=True,
    )
