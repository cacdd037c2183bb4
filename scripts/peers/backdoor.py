"""Which of the copies with the sticker are found, and which of the stickers shown.

Both look at the same features; ART's defences look at the last layer, so they get the
network without it. Ours also has trusted rows, as the chapter has it. A defence that
flags everything finds everything, so what counts is the share found less the share of
false alarms. ART's STRIP takes the entropy over the mixtures of one class in place of
the classes of one mixture; it stands here as it comes, and mended. ART's Neural Cleanse
is for Keras alone.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any
from unittest import mock

import numpy as np

from foible import data, metrics, models
from foible.arrays import Bools, Floats
from foible.attacks import backdoor
from foible.data import Dataset
from foible.defences import screening, watching
from foible.victim import Victim
from peers.networks import art_classifier, art_features, network_of
from peers.table import Row, timed

NOUGHT = 0
FOUND = "found, less false alarms"


def compared() -> Iterator[Row]:
    """The lines of this family: the victims are three trainings."""
    owned, rest = data.digits().split(0.6, seed=0)
    trusted, judged = rest.split(1 / 3, seed=0)
    stamp = backdoor.sticker(owned.image or (), size=2)
    recipe = models.network(hidden=(128, 64), steps=400, rate=0.003, batch=64)
    tainted = [
        backdoor.poisoned(owned, stamp, target=NOUGHT, share=0.05, seed=seed)
        for seed in range(3)
    ]
    victims = Victim.many(recipe, tainted, seeds=range(3))
    yield from _clusters(victims, trusted, len(owned))
    yield from _spectra(victims, len(owned))
    shown = stamp(judged.X[judged.y != NOUGHT])
    yield from _stripped(victims, trusted, shown, judged.X)


Task = Callable[[Victim], Any]


def _over(victims: list[Victim], task: Task, *, rounds: int) -> tuple[list[Any], float]:
    """What a task gives for each victim, and its seconds for one."""
    given, seconds = timed(lambda: [task(victim) for victim in victims], rounds=rounds)
    return given, seconds / len(victims)


# ---------------------------------------------------------------- among the rows


def _clusters(victims: list[Victim], trusted: Dataset, clean: int) -> Iterator[Row]:
    def ours(victim: Victim) -> Bools:
        model = network_of(victim)
        seen = model.features(victim.rows.X), victim.rows.y
        known = model.features(trusted.X), trusted.y
        return screening.by_clusters(seen, known, seed=0)

    def score(flags: list[Bools]) -> float:
        return float(np.mean([f[clean:].mean() - f[:clean].mean() for f in flags]))

    marks, seconds = _over(victims, ours, rounds=3)
    for analysis in ("smaller", "distance", "silhouette-scores"):
        theirs, their_seconds = _over(victims, _art_clusters(analysis), rounds=3)
        yield Row(
            f"copies with a sticker among {len(victims[0].rows):,} digits, clusters",
            FOUND,
            score(marks),
            seconds,
            f"ART ActivationDefence, {analysis}",
            score(theirs),
            their_seconds,
            "higher",
        )


def _art_clusters(analysis: str) -> Task:
    from art.defences.detector.poison import ActivationDefence

    def flags(victim: Victim) -> Bools:
        rows, network = victim.rows, network_of(victim)
        y = np.eye(len(rows.classes))[rows.y]
        defence = ActivationDefence(art_features(network), rows.X.astype(np.float32), y)
        clean = defence.detect_poison(cluster_analysis=analysis)[1]
        return ~np.array(clean, dtype=bool)

    return flags


def _spectra(victims: list[Victim], clean: int) -> Iterator[Row]:
    def ours(victim: Victim) -> Floats:
        seen = network_of(victim).features(victim.rows.X)
        return screening.spectral_scores((seen, victim.rows.y))

    def score(scores: list[Floats]) -> float:
        found = [
            metrics.found_at(s[clean:], s[:clean], false_alarms=0.05) for s in scores
        ]
        return float(np.mean(found))

    marks, seconds = _over(victims, ours, rounds=5)
    theirs, their_seconds = _over(victims, _art_spectrum, rounds=5)
    yield Row(
        f"copies with a sticker among {len(victims[0].rows):,} digits, spectrum",
        "found at 5% false alarms",
        score(marks),
        seconds,
        "ART SpectralSignatureDefense",
        score(theirs),
        their_seconds,
        "higher",
    )


def _art_spectrum(victim: Victim) -> Floats:
    """ART's score of every row: it is asked to suspect them all."""
    from art.defences.detector.poison import SpectralSignatureDefense

    rows = victim.rows
    defence = SpectralSignatureDefense(
        art_features(network_of(victim)),
        rows.X.astype(np.float32),
        np.eye(len(rows.classes))[rows.y],
        expected_pp_poison=1.0,
        eps_multiplier=1.0,
    )
    report, _ = defence.detect_poison()
    return np.array([report.get(i, 0.0) for i in range(len(rows))])


# ---------------------------------------------------------------- while it is shown


def _stripped(
    victims: list[Victim], trusted: Dataset, shown: Floats, honest: Floats
) -> Iterator[Row]:
    def ours(victim: Victim) -> float:
        flags = watching.suspicious(
            victim.transport, np.concatenate([shown, honest]), trusted, seed=0
        )
        return float(flags[: len(shown)].mean() - flags[len(shown) :].mean())

    def theirs(victim: Victim) -> float:
        from art.defences.transformer.poisoning import STRIP

        chances = art_classifier(network_of(victim), chances=True)
        guard = STRIP(chances)(num_samples=20, false_acceptance_rate=0.05)
        guard.mitigate(trusted.X.astype(np.float32))
        refused = [
            np.mean(~guard.predict(X.astype(np.float32)).any(axis=1))
            for X in (shown, honest)
        ]
        return float(refused[0] - refused[1])

    found, seconds = _over(victims, ours, rounds=3)
    module = import_module("art.estimators.poison_mitigation.strip.strip")
    entropy = module.entropy

    def over_classes(chances: Floats, *, base: float, axis: int) -> Any:
        return entropy(chances, base=base, axis=1)

    for name, used in (("as it comes", entropy), ("mended", over_classes)):
        with mock.patch.object(module, "entropy", used):
            reached, their_seconds = _over(victims, theirs, rounds=1)
        yield Row(
            f"{len(shown)} digits with the sticker, {len(honest)} without, STRIP",
            FOUND,
            float(np.mean(found)),
            seconds,
            f"ART STRIP, {name}",
            float(np.mean(reached)),
            their_seconds,
            "higher",
        )
