"""LiRA with its shadows, and a loss, beside attacks that learn from known members."""

from collections.abc import Iterator
from typing import Any, cast

import numpy as np

from foible import data, metrics, models
from foible.arrays import Floats
from foible.attacks import membership_inference
from foible.attacks.membership_inference import Shadows
from foible.judging.games import Game
from peers.networks import art_classifier
from peers.table import Row, timed


def compared() -> Iterator[Row]:
    """LiRA with its shadows, beside attacks that learn from known members."""
    from art.attacks.inference.membership_inference import (
        MembershipInferenceBlackBox,
        MembershipInferenceBlackBoxRuleBased,
    )

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
        for model, member in zip(game.models[:16], game.member[:16], strict=True):
            network = cast(models.Network, model)
            attack = MembershipInferenceBlackBox(
                art_classifier(network, chances=True), attack_model_type=kind
            )
            told, strange = known & member, known & ~member
            attack.fit(X[told], y[told], X[strange], y[strange])
            guess = attack.infer(X[~known], y[~known], probabilities=True)
            for where, which in zip(scores, (member, ~member), strict=True):
                where.append(np.ravel(guess)[which[~known]])
        return np.concatenate(scores[0]), np.concatenate(scores[1])

    def by_rule() -> tuple[Floats, Floats]:
        scores: list[list[Floats]] = [[], []]
        for model, member in zip(game.models[:16], game.member[:16], strict=True):
            classifier = art_classifier(cast(models.Network, model), chances=True)
            rule = MembershipInferenceBlackBoxRuleBased(classifier)
            guess = np.ravel(rule.infer(X, y)).astype(float)
            scores[0].append(guess[member])
            scores[1].append(guess[~member])
        return np.concatenate(scores[0]), np.concatenate(scores[1])

    few = Game(game.models[:16], candidates, game.member[:16])
    shadows = Shadows(game.models, game.member)
    plain = membership_inference.alone(membership_inference.loss_attack)
    plain_loss, loss_seconds = timed(
        lambda: membership_inference.judge(few, {"loss": plain}, shadows=shadows)
    )
    for name, task in (("rule", by_rule), ("random forest", lambda: learned("rf"))):
        (theirs_in, theirs_out), their_seconds = timed(task)
        yield Row(
            f"members of a network, at equal strength: its loss, and a {name}",
            "area under the ROC",
            metrics.auc(*plain_loss.scores["loss"]),
            loss_seconds / 16,
            f"ART black box, {name}",
            metrics.auc(theirs_in, theirs_out),
            their_seconds / 16,
            "higher",
            0.01,
        )
        yield Row(
            f"the same by LiRA, which makes 63 shadows, and a {name}: not equal work",
            "found at 1% false alarms",
            metrics.found_at(inside, outside, false_alarms=0.01),
            seconds / 64,
            f"ART black box, {name}",
            metrics.found_at(theirs_in, theirs_out, false_alarms=0.01),
            their_seconds / 16,
            "higher",
        )
