"""Attacks by gradient, joined, by distance and by asking, and the proof of a vote.

Who climbs by the same steps from the same place must end in the same rows: foolbox
does if it is given float64, and ART does if it is made to compute in it, which it is
not made for; so it stands here again in float32, and again as it comes, which is 32
rows at a time. ART pulls rows
into the box before it pulls them into the L2 ball, and we do after, so in L2 the two
are compared without a box.
"""

from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple
from unittest import mock

import numpy as np
import torch

from foible import data, models
from foible.arrays import Floats, Ints
from foible.attacks import evasion
from foible.data import Dataset
from foible.defences import hardening
from foible.metrics import accuracy
from foible.search import Ball, Norm, distance
from foible.victim import Victim
from peers.networks import OfImages, Ours, art_classifier, images, in_torch
from peers.table import Row, timed

Climb = Callable[[], Floats]
STEPS = 40
READ = "read rightly after it"
FAR = "median distance"


class Task(NamedTuple):
    """A network, the rows to be moved, and how far they may be."""

    name: str
    model: Ours
    rows: Dataset
    radii: dict[Norm, float]

    def right(self, X: Floats) -> float:
        """Share of the moved rows that the network reads rightly."""
        return accuracy(self.rows.y, self.model.predict(X))

    def first(self, count: int) -> "Task":
        """The same with fewer rows."""
        return self._replace(rows=self.rows.take(slice(count)))


def digits() -> tuple[Task, Task]:
    """The post office's network, plain and adversarially trained; 1,000 other rows."""
    owned, judged = data.digits().split(797 / 1797, seed=0)
    steps = 40 * len(owned) // 64
    recipe = models.network(hidden=(256, 128), steps=steps, rate=0.002, batch=64)
    lesson = partial(evasion.pgd, ball=Ball(0.15), steps=5)
    robust = hardening.adversarial(recipe, attack=lesson)
    radii: dict[Norm, float] = {"Linf": 0.15, "L2": 0.8}
    return (
        Task("digits", recipe(owned, seed=0), judged, radii),
        Task("digits, robust network", robust(owned, seed=0), judged, radii),
    )


def signs() -> Task:
    """A camera's network, and 1,000 other signs.

    It is trained briefly, so that no slope is too short to say a direction: foolbox
    shortens a step along one below 1e-12, and where a probability is 1 it is rounding.
    """
    taught, judged = data.draw_signs(2000, seed=1).split(0.5, seed=0)
    recipe = models.convolutional(steps=100, batch=32)
    radii: dict[Norm, float] = {"Linf": 4 / 255, "L2": 0.5}
    return Task("signs", recipe(taught, seed=0), judged, radii)


def compared() -> Iterator[Row]:
    """The lines of this family."""
    plain, robust = digits()
    yield from climbed(plain, STEPS)
    yield from climbed(plain, 1)
    camera = signs()
    yield from climbed(camera.first(200), STEPS)
    yield from targeted(plain)
    yield from joined(robust.first(300), "torchattacks")
    yield from joined(robust.first(300), "torchattacks", norm="L2")
    yield from joined(robust.first(100), "ART")
    yield from joined(camera.first(50), "torchattacks")
    yield from nearest(plain.first(300))
    yield from asking(plain.first(100))
    yield from certified(plain.first(300))


# ---------------------------------------------------------------- the same steps


def climbs(task: Task, norm: Norm, steps: int) -> dict[str, tuple[Climb, Climb]]:
    """By peer: the same climb by ours and by theirs, set up and ready to be run.

    A step is 2.5 radii divided by the number of steps, or a radius if it is one.
    """
    boxed = Ball(task.radii[norm], norm=norm)
    free = boxed if norm == "Linf" else Ball(boxed.radius, norm, -np.inf, np.inf)
    found = {
        "foolbox, float64": (_ours(task, boxed, steps), _foolbox(task, boxed, steps))
    }
    everything = len(task.rows)
    for name, exact, batch in (
        ("ART, float64", True, everything),
        ("ART, float32", False, everything),
        ("ART, as it comes", False, 32),
    ):
        theirs = _art(task, free, steps, exact=exact, batch=batch)
        found[name] = _ours(task, free, steps), theirs
    return found


def _ours(task: Task, ball: Ball, steps: int) -> Climb:
    X, y = task.rows.X, task.rows.y
    if steps == 1:
        return lambda: evasion.fgsm(task.model, X, y, ball=ball)
    return lambda: evasion.pgd(task.model, X, y, ball=ball, steps=steps, seed=0)


def _foolbox(task: Task, ball: Ball, steps: int) -> Climb:
    import foolbox

    kinds = {"Linf": foolbox.attacks.LinfPGD, "L2": foolbox.attacks.L2PGD}
    attack = kinds[ball.norm](
        rel_stepsize=_share(steps), steps=steps, random_start=False
    )
    model = foolbox.PyTorchModel(in_torch(task.model), bounds=(0, 1), device="cpu")
    rows, wrong = torch.tensor(task.rows.X), _wrong(task)
    return lambda: attack.run(model, rows, wrong, epsilon=ball.radius).numpy()


def _art(task: Task, ball: Ball, steps: int, *, exact: bool, batch: int) -> Climb:
    from art.attacks.evasion import FastGradientMethod, ProjectedGradientDescentPyTorch

    box = (0.0, 1.0) if np.isfinite(ball.low) else None
    settings: dict[str, Any] = {
        "estimator": art_classifier(task.model, exact=exact, box=box),
        "norm": np.inf if ball.norm == "Linf" else 2,
        "eps": ball.radius,
        "eps_step": _share(steps) * float(ball.radius),
        "batch_size": batch,
    }
    if steps == 1:
        attack = FastGradientMethod(**settings)
    else:
        attack = ProjectedGradientDescentPyTorch(
            max_iter=steps, verbose=False, **settings
        )
    kind = np.float64 if exact else np.float32
    X, y = task.rows.X.astype(kind), task.rows.y
    module = import_module(type(attack).__module__)

    def climb() -> Floats:
        with mock.patch.object(module, "ART_NUMPY_DTYPE", kind):
            return np.asarray(attack.generate(X, y), np.float64)

    return climb


def _share(steps: int) -> float:
    return 1.0 if steps == 1 else 2.5 / steps


def _wrong(task: Task) -> Any:
    import foolbox

    return foolbox.criteria.Misclassification(torch.tensor(task.rows.y))


def climbed(task: Task, steps: int) -> Iterator[Row]:
    """FGSM or PGD, in both norms, beside foolbox's and ART's."""
    for norm in task.radii:
        for peer, pair in climbs(task, norm, steps).items():
            (ours, seconds), (theirs, their_seconds) = (
                timed(climb, rounds=3) for climb in pair
            )
            exact = "float64" in peer
            yield Row(
                f"{_name(steps)}, {norm}, {len(ours):,} {task.name}",
                READ + (", and the same rows" if exact else ""),
                task.right(ours),
                seconds,
                peer,
                task.right(theirs),
                their_seconds,
                "equal" if exact else "lower",
                0.0 if exact else 0.005,  # a row on the edge may fall to either side
                float(abs(ours - theirs).max()) if exact else 0.0,
            )


def _name(steps: int) -> str:
    return "FGSM" if steps == 1 else f"PGD-{steps}"


def targeted(task: Task) -> Iterator[Row]:
    """PGD towards the next class, beside foolbox's."""
    import foolbox

    kinds = {"Linf": foolbox.attacks.LinfPGD, "L2": foolbox.attacks.L2PGD}
    X, y = task.rows.X, task.rows.y
    aim = (y + 1) % len(task.rows.classes)
    wanted = foolbox.criteria.TargetedMisclassification(torch.tensor(aim))
    model = foolbox.PyTorchModel(in_torch(task.model), bounds=(0, 1), device="cpu")
    for norm, radius in task.radii.items():
        settings = {"rel_stepsize": _share(STEPS), "steps": STEPS}
        attack = kinds[norm](random_start=False, **settings)
        ball = Ball(radius, norm=norm)
        climb = partial(evasion.pgd, task.model, X, y, ball=ball, steps=STEPS, seed=0)
        ours, seconds = timed(partial(climb, target=aim), rounds=3)
        run = partial(attack.run, model, torch.tensor(X), wanted, epsilon=radius)
        moved, their_seconds = timed(run, rounds=3)
        theirs = np.asarray(moved)
        reached = [float(np.mean(task.model.predict(m) == aim)) for m in (ours, theirs)]
        yield Row(
            f"PGD-{STEPS} to a target, {norm}, {len(X):,} {task.name}",
            "read as the target, and the same rows",
            reached[0],
            seconds,
            "foolbox, float64",
            reached[1],
            their_seconds,
            "equal",
            0.0,
            float(abs(ours - theirs).max()),
        )


# ---------------------------------------------------------------- joined


def joined(task: Task, *peers: str, norm: Norm = "Linf") -> Iterator[Row]:
    """Our small AutoAttack beside the larger ones, at the same radius."""
    image, ball = task.rows.image or (), Ball(task.radii[norm], norm=norm)
    attacks = evasion.ensemble(image, norm=norm)
    attack = partial(evasion.autoattack, attacks=attacks, seed=0)
    ours, seconds = timed(
        lambda: attack(task.model, task.rows.X, task.rows.y, ball=ball), rounds=2
    )
    for peer, run in _autoattacks(task, image, ball).items():
        if not peer.startswith(peers):
            continue
        theirs, their_seconds = timed(run)
        yield Row(
            f"AutoAttack, {norm}, {len(ours)} {task.name}",
            READ,
            task.right(ours),
            seconds,
            peer,
            task.right(theirs),
            their_seconds,
            "lower",
            0.005,
        )


def _autoattacks(task: Task, image: tuple[int, ...], ball: Ball) -> dict[str, Climb]:
    """Torchattacks' as it comes, with 10 steps; with the paper's 100; and ART's."""
    import torchattacks
    from art.attacks.evasion import AutoAttack

    radius, classes = float(ball.radius), len(task.rows.classes)
    model = OfImages(task.model).float()
    pixels = images(task.rows.X, image)
    common = {"eps": radius, "seed": 0, "norm": ball.norm}
    many = {**common, "n_classes": classes}
    paper = torchattacks.MultiAttack(
        [
            torchattacks.APGD(model, steps=100, **common),
            torchattacks.APGDT(model, steps=100, **many),
            torchattacks.FAB(model, steps=100, multi_targeted=True, **many),
            torchattacks.Square(model, n_queries=5000, **common),
        ]
    )
    shipped = torchattacks.AutoAttack(model, **many)
    classifier = art_classifier(task.model, shape=pixels.shape[1:])
    art = AutoAttack(
        classifier,
        norm=np.inf if ball.norm == "Linf" else 2,
        eps=radius,
        eps_step=radius / 4,
        batch_size=len(pixels),
    )

    def rows(moved: Any) -> Floats:
        pixels = np.asarray(moved, np.float64).transpose(0, 2, 3, 1)
        return pixels.reshape(len(pixels), -1)

    given, y = torch.tensor(pixels), torch.tensor(task.rows.y)
    return {
        "torchattacks, as it comes": lambda: rows(shipped(given, y).detach()),
        "torchattacks, 100 steps": lambda: rows(paper(given, y).detach()),
        "ART": lambda: rows(art.generate(pixels, task.rows.y)),
    }


# ---------------------------------------------------------------- the smallest change


def nearest(task: Task) -> Iterator[Row]:
    """The nearest wrong rows, for as many looks at the slope."""
    import foolbox

    X, y, halvings = task.rows.X, task.rows.y, 8
    looks = STEPS * (halvings + 1)
    kinds: dict[Norm, Any] = {
        "Linf": foolbox.attacks.LInfFMNAttack(steps=looks),
        "L2": foolbox.attacks.L2FMNAttack(steps=looks),
    }
    model = foolbox.PyTorchModel(in_torch(task.model), bounds=(0, 1), device="cpu")
    given = model, torch.tensor(X), _wrong(task)
    search = partial(evasion.nearest, attack=evasion.pgd, halvings=halvings, seed=0)
    for norm, attack in kinds.items():
        ball = Ball(1.0 if norm == "Linf" else 5.0, norm=norm)
        own = partial(search, task.model, X, y, ball=ball)
        ours, seconds = timed(own, rounds=2)
        moved, their_seconds = timed(partial(attack.run, *given), rounds=2)
        theirs = moved.numpy()
        yield Row(
            f"the nearest wrong row, {norm}, {len(X)} {task.name}",
            FAR,
            _median(task, y, ours, norm),
            seconds,
            "foolbox FMN",
            _median(task, y, theirs, norm),
            their_seconds,
            "lower",
            0.002,
        )


def _median(task: Task, y: Ints, moved: Floats, norm: Norm) -> float:
    """Median distance of moved rows; one that is still read as y is not there yet."""
    moved = np.where(np.isnan(moved), task.rows.X, moved)
    far = distance(task.rows.X, moved, norm=norm)
    return float(np.median(np.where(task.model.predict(moved) == y, np.inf, far)))


# ---------------------------------------------------------------- by asking


def asking(task: Task) -> Iterator[Row]:
    """HopSkipJump from the same places, for as many rounds and draws, in float64."""
    X = task.rows.X
    answers = task.model.predict(X)
    other = {k: X[np.flatnonzero(answers != k)[0]] for k in np.unique(answers)}
    start = np.array([other[k] for k in answers])
    victim = Victim(task.model, task.rows, models.softmax(), seed=0)
    walk = partial(evasion.hopskipjump, draws=100, box=(0, 1), seed=0)
    for rounds in (20, 5):
        oracle = victim.oracle(answers="label")
        given = oracle, X, answers
        ours, seconds = timed(partial(walk, *given, start=start, rounds=rounds))
        for peer, (run, asked) in _hopskipjumps(task, answers, start, rounds).items():
            moved, their_seconds = timed(run)
            each, theirs = oracle.asked // len(X), sum(asked) // len(X)
            yield Row(
                f"HopSkipJump, L2, {len(X)} {task.name}, {rounds} rounds, {each:,} "
                f"questions a row; theirs {theirs:,}",
                FAR,
                _median(task, answers, ours, "L2"),
                seconds,
                peer,
                _median(task, answers, moved, "L2"),
                their_seconds,
                "lower",
            )


def _hopskipjumps(
    task: Task, answers: Ints, start: Floats, rounds: int
) -> dict[str, tuple[Climb, list[int]]]:
    """By peer: a walk, and how many rows it has asked about, question by question."""
    import foolbox
    from art.attacks.evasion import HopSkipJump

    model, classifier = in_torch(task.model), art_classifier(task.model, exact=True)
    away = foolbox.criteria.Misclassification(torch.tensor(answers))
    bounded = foolbox.PyTorchModel(model, bounds=(0, 1), device="cpu")
    by_foolbox = foolbox.attacks.HopSkipJumpAttack(steps=rounds)
    by_art = HopSkipJump(classifier, max_iter=rounds, verbose=False)
    rows, begin = torch.tensor(task.rows.X), torch.tensor(start)

    def foolboxs() -> Floats:
        moved = by_foolbox.run(bounded, rows, away, starting_points=begin)
        return np.asarray(moved, np.float64)

    def arts() -> Floats:
        few, near = rows.float().numpy(), begin.float().numpy()
        moved = by_art.generate(few, answers, x_adv_init=near.copy())
        return np.asarray(moved, np.float64)

    return {
        "foolbox": (foolboxs, _counted(model)),
        "ART": (arts, _counted(classifier.model)),
    }


def _counted(model: Any) -> list[int]:
    """The sizes of what will be asked of a network, one after the other."""
    asked: list[int] = []
    model[0].register_forward_pre_hook(lambda _, given: asked.append(len(given[0])))
    return asked


# ---------------------------------------------------------------- the proof of a vote


def certified(task: Task) -> Iterator[Row]:
    """The share of rows that a vote over noise reads rightly, and proves it."""
    from art.estimators.certification.randomized_smoothing import (
        PyTorchRandomizedSmoothing,
    )

    scale, draws = 0.25, 1000
    vote = hardening.Smoothed(task.model, scale, draws=100, seed=0)
    certificate, seconds = timed(
        lambda: hardening.certified(vote, task.rows.X, estimation=draws, seed=0),
        rounds=2,
    )
    smoothed = PyTorchRandomizedSmoothing(
        in_torch(task.model).float(),
        loss=torch.nn.CrossEntropyLoss(),
        input_shape=task.rows.X.shape[1:],
        nb_classes=len(task.rows.classes),
        sample_size=100,
        scale=scale,
        alpha=0.001,
    )
    rows = task.rows.X.astype(np.float32)
    theirs, their_seconds = timed(
        lambda: smoothed.certify(rows, n=draws, batch_size=draws)
    )

    def proved(label: Ints, radius: Floats) -> float:
        return float(np.mean((label == task.rows.y) & (radius >= 0.25)))

    yield Row(
        f"certificates, {len(rows)} {task.name}, noise {scale}, {draws:,} draws",
        "right and proved within 0.25",
        proved(*certificate),
        seconds,
        "ART PyTorchRandomizedSmoothing",
        proved(*theirs),
        their_seconds,
        "equal",
        0.02,  # both draw their own noise
    )
