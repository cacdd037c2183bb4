"""How do our attacks and defences do beside other people's, on the same victims?

Every line is one task: the same victim, the same rows, the same budget, and a number
that both reach, with the seconds that it took each. `make peers` installs the peers
into an environment of their own; no page of the book needs them.

    python scripts/peers.py                 every family that the package has
    python scripts/peers.py stealing        this one only

Known traps of the peers that would make them look worse than they are, and that are
gone round here: KnockoffNets trains on whatever `predict` returns, so it gets
probabilities and not logits; times are those of the attack, without imports.
"""

import dataclasses
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple, cast

import numpy as np
import torch
from numpy.typing import NDArray

from foible import data, metrics, models
from foible.victim import Victim

Floats = NDArray[np.float64]


class Row(NamedTuple):
    """One task: what each reached, in what time, and by how much chance may differ."""

    task: str
    measure: str
    ours: float
    seconds: float
    peer: str
    theirs: float
    their_seconds: float
    better: Literal["higher", "lower", "equal"]
    slack: float = 0.0

    @property
    def strong(self) -> bool:
        """Whether ours is at least as good, up to the slack."""
        gap = self.ours - self.theirs
        if self.better == "equal":
            return abs(gap) <= self.slack
        return (gap if self.better == "higher" else -gap) >= -self.slack

    def __str__(self) -> str:
        """A row of the table."""
        times = self.their_seconds / max(self.seconds, 1e-9)
        return (
            f"| {self.task} | {self.measure} | {self.ours:.4g} | {self.theirs:.4g} "
            f"| {self.peer} | {self.seconds:.2f} | {self.their_seconds:.2f} "
            f"| {'yes' if self.strong else 'NO'} | {times:.1f} |"
        )


HEAD = (
    "| task | measure | ours | theirs | peer | s | theirs | as strong | faster |",
    "| :-- | :-- | --: | --: | :-- | --: | --: | :-- | --: |",
)


def timed(task: Callable[[], Any]) -> tuple[Any, float]:
    """What a task gives, and the seconds that it took."""
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = task()
    return result, time.perf_counter() - start


class GaveUp(Exception):
    """A peer that did not end, or that ended in an error of its own."""


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """A peer may take so long, and fail in its own way."""

    def over(*_: object) -> None:
        raise GaveUp(f"not done after {seconds} s")

    signal.signal(signal.SIGALRM, over)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def network_of(victim: Victim) -> models.Network:
    """The victim's model, which here is always a network."""
    return cast(models.Network, victim.model)


def in_torch(network: models.Network) -> torch.nn.Sequential:
    """One of our networks as a peer wants it, in float64."""
    layers: list[torch.nn.Module] = []
    for weight, bias in network.layers:
        linear = torch.nn.Linear(*weight.shape).double()
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(np.array(weight.T, np.float64)))
            linear.bias.copy_(torch.from_numpy(np.array(bias, np.float64)))
        layers += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def art_classifier(network: models.Network, *, chances: bool = False) -> Any:
    """One of our networks as ART's PyTorchClassifier, in float32 as ART has it."""
    from art.estimators.classification import PyTorchClassifier

    model = in_torch(network).float()
    if chances:
        model = torch.nn.Sequential(model, torch.nn.Softmax(dim=1))
    width, classes = len(network.layers[0][0]), len(network.classes_)
    return PyTorchClassifier(
        model,
        loss=torch.nn.CrossEntropyLoss(),
        optimizer=torch.optim.Adam(model.parameters(), lr=0.01),
        input_shape=(width,),
        nb_classes=classes,
        clip_values=(0.0, 1.0),
    )


def in_double(network: models.Network) -> Any:
    """One of our networks as a black box of ART: logits in float64, NaN for NaN."""
    from art.estimators.classification import BlackBoxClassifierNeuralNetwork

    model = in_torch(network)
    width, classes = len(network.layers[0][0]), len(network.classes_)

    def logits(X: Floats) -> Floats:
        with torch.no_grad():
            return np.asarray(model(torch.from_numpy(np.array(X, np.float64))))

    return BlackBoxClassifierNeuralNetwork(
        logits, (width,), classes, clip_values=(-1e9, 1e9)
    )


# ---------------------------------------------------------------- membership inference


def membership() -> Iterator[Row]:
    """LiRA with its shadows, beside attacks that learn from known members."""
    from art.attacks.inference.membership_inference import (
        MembershipInferenceBlackBox,
        MembershipInferenceBlackBoxRuleBased,
    )

    from foible.attacks import membership_inference
    from foible.attacks.membership_inference import Game

    digits = data.digits()
    candidates = digits.split(600 / len(digits), seed=0)[0]
    recipe = models.network(hidden=32, steps=600, batch=16)

    def play() -> Any:
        game = Game.played(recipe, candidates, targets=64, seed=0)
        attack = {"LiRA": membership_inference.lira}
        return game, membership_inference.judge(game, attack)

    (game, evidence), seconds = timed(play)
    inside, outside = evidence.scores["LiRA"]
    X, y = candidates.X.astype(np.float32), candidates.y
    known = np.random.default_rng(99).random(len(candidates)) < 0.5

    def learned(kind: str) -> tuple[Floats, Floats]:
        scores: list[list[Floats]] = [[], []]
        for victim, member in zip(game.victims[:16], game.member[:16], strict=True):
            attack = MembershipInferenceBlackBox(
                art_classifier(network_of(victim), chances=True), attack_model_type=kind
            )
            told, strange = known & member, known & ~member
            attack.fit(X[told], y[told], X[strange], y[strange])
            guess = attack.infer(X[~known], y[~known], probabilities=True)
            for where, which in zip(scores, (member, ~member), strict=True):
                where.append(np.ravel(guess)[which[~known]])
        return np.concatenate(scores[0]), np.concatenate(scores[1])

    def by_rule() -> tuple[Floats, Floats]:
        scores: list[list[Floats]] = [[], []]
        for victim, member in zip(game.victims[:16], game.member[:16], strict=True):
            classifier = art_classifier(network_of(victim), chances=True)
            rule = MembershipInferenceBlackBoxRuleBased(classifier)
            guess = np.ravel(rule.infer(X, y)).astype(float)
            scores[0].append(guess[member])
            scores[1].append(guess[~member])
        return np.concatenate(scores[0]), np.concatenate(scores[1])

    few = Game(game.victims[:16], candidates, game.member[:16])
    plain = membership_inference.alone(membership_inference.by_loss)
    by_loss, loss_seconds = timed(
        lambda: membership_inference.judge(few, {"loss": plain}, shadows=game.shadows)
    )
    for name, task in (("rule", by_rule), ("random forest", lambda: learned("rf"))):
        (theirs_in, theirs_out), their_seconds = timed(task)
        yield Row(
            "members of a network by its loss (ART's forest knows half of them)",
            "area under the ROC",
            metrics.auc(*by_loss.scores["loss"]),
            loss_seconds / 16,
            f"ART black box, {name}",
            metrics.auc(theirs_in, theirs_out),
            their_seconds / 16,
            "higher",
            0.01,
        )
        yield Row(
            "members of a network, by LiRA with 63 shadows made for it",
            "found at 1% false alarms",
            metrics.found_at(inside, outside, false_alarms=0.01),
            seconds / 64,
            f"ART black box, {name}",
            metrics.found_at(theirs_in, theirs_out, false_alarms=0.01),
            their_seconds / 16,
            "higher",
        )


# ---------------------------------------------------------------- model inversion


def inversion() -> Iterator[Row]:
    """The informed adversary, and the picture of a class."""
    from art.attacks.inference.model_inversion import MIFace
    from art.attacks.inference.reconstruction import DatabaseReconstruction
    from art.estimators.classification.scikitlearn import (
        ScikitlearnLogisticRegression,
    )
    from sklearn.linear_model import LogisticRegression

    from foible.attacks import model_inversion

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
    judge = models.forest(trees=200)(others, seed=0)
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
        metrics.agreement(judge.predict(seen), labels),
        seconds,
        "ART MIFace",
        metrics.agreement(judge.predict(np.asarray(drawn, float)), labels),
        their_seconds,
        "higher",
        0.1,
    )


# ---------------------------------------------------------------- model stealing


def stealing() -> Iterator[Row]:
    """A network taken apart by its kinks, and copies that learn from answers."""
    from art.attacks.extraction import (
        CopycatCNN,
        FunctionallyEquivalentExtraction,
        KnockoffNets,
    )

    from foible.attacks import model_stealing

    digits = data.digits()
    owned, others = digits.split(0.4, seed=0)
    thiefs, judged = others.split(0.5, seed=0)
    network = models.network(hidden=16, steps=300)
    victim = Victim.trained(network, owned, seed=0)
    answered = network_of(victim).predict(judged.X)

    oracle = victim.oracle(answers="values")
    copy, seconds = timed(lambda: model_stealing.by_kinks(oracle, thiefs.X, seed=0))
    attack = FunctionallyEquivalentExtraction(
        in_double(network_of(victim)), num_neurons=16
    )

    def extracted() -> float:
        try:
            with at_most(120), np.errstate(all="ignore"):
                theirs = attack.extract(thiefs.X[:200])
        except (GaveUp, AssertionError):  # another number of kinks than of units
            return 0.0
        return metrics.agreement(theirs.predict(judged.X).argmax(1), answered)

    agreed, their_seconds = timed(extracted)
    yield Row(
        f"a ReLU network of 16 units from its logits, {oracle.asked:,} queries",
        "agreement on digits (0: gave up)",
        metrics.agreement(copy.predict(judged.X), answered),
        seconds,
        "ART FunctionallyEquivalentExtraction",
        agreed,
        their_seconds,
        "higher",
    )

    budget = 400
    asked = victim.oracle(budget=budget)
    (copy,), seconds = timed(
        lambda: model_stealing.harvested(
            asked,
            thiefs,
            network,
            draw=model_stealing.natural,
            budgets=[budget],
            seed=0,
        )
    )
    ours = metrics.agreement(copy.predict(judged.X), answered)
    pool = thiefs.X[:budget].astype(np.float32)
    for name, peer, settings in (
        ("KnockoffNets", KnockoffNets, {"use_probability": True, "verbose": False}),
        ("CopycatCNN", CopycatCNN, {"use_probability": True}),
    ):
        blank = models.network(hidden=16, steps=1)(owned, seed=1)
        attack = peer(
            art_classifier(network_of(victim), chances=True),
            batch_size_fit=16,
            batch_size_query=budget,
            nb_epochs=30,
            nb_stolen=budget,
            **settings,
        )
        theirs, their_seconds = timed(
            lambda: attack.extract(pool, thieved_classifier=art_classifier(blank))  # noqa: B023
        )
        reached = metrics.agreement(
            theirs.predict(judged.X.astype(np.float32)).argmax(1), answered
        )
        yield Row(
            f"a copy of a network from {budget} answers to digits",
            "agreement on digits",
            ours,
            seconds,
            f"ART {name}",
            reached,
            their_seconds,
            "higher",
            0.03,
        )


FAMILIES: dict[str, Callable[[], Iterator[Row]]] = {
    "membership_inference": membership,
    "model_inversion": inversion,
    "model_stealing": stealing,
}


def main(wanted: list[str]) -> int:
    """Print the table of the wanted families; 1 if ours is weaker in a task."""
    unknown = set(wanted) - set(FAMILIES)
    if unknown:
        sys.exit(f"got {', '.join(unknown)}; wanted some of {', '.join(FAMILIES)}")
    torch.set_num_threads(1)
    print("\n".join(HEAD))
    weak = 0
    for name in wanted or FAMILIES:
        for row in FAMILIES[name]():
            print(row, flush=True)
            weak += not row.strong
    return 1 if weak else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
