"""A frame that makes a reader of digits sort irises, by us and by ART.

ART has no reprogramming. Its adversarial patch becomes one if its mask is our frame, if
the pictures are those of written rows, and if the network ends in what its answers
mean: the sum of the chances of all that mean a class. Both climb from the same frame by
Adam, all rows in a step, and answers mean the same. Between two steps ART does not
forget the slope of the patch, see `physical_patch`; it stands here so, and mended, with
our memory of Adam, in our precision but for the pictures: then the steps are the same.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import nn

from foible import cast, data, models
from foible.arrays import Ints
from foible.attacks import reprogramming
from foible.attacks.reprogramming import Program, Task
from foible.attacks.reprogramming.climbing import MEMORY, RATE
from foible.victim import Victim
from peers.networks import OfImages, art_patches, network_of
from peers.table import Row, timed

STEPS, SEEDS = 160, range(5)
SORTED = "irises sorted rightly"


def compared() -> Iterator[Row]:
    """The lines of this family: readers, each turned to its own cut of the irises."""
    post = cast.post_office()
    image = post.owned.image or ()
    victims = Victim.many(post.recipe, [post.owned] * len(SEEDS), seeds=SEEDS)
    pairs = [(one, _cut(seed)) for one, seed in zip(victims, SEEDS, strict=True)]
    starts = [_climbed(*pair, image, steps=0) for pair in pairs]

    def sorting(programs: list[Program]) -> float:
        shares = [
            reprogramming.sorted_rightly(one, victim.model.predict, task.judged)
            for one, (victim, task) in zip(programs, pairs, strict=True)
        ]
        return float(np.mean(shares))

    def by_art(mended: bool) -> list[Program]:
        together = zip(starts, pairs, strict=True)
        return [
            _art(one, victim, task, image, mended=mended)
            for one, (victim, task) in together
        ]

    climbed, seconds = timed(
        lambda: [_climbed(*pair, image, steps=STEPS) for pair in pairs]
    )
    searched, longer = timed(lambda: [_searched(*pair, image) for pair in pairs])
    loose, loose_seconds = timed(lambda: by_art(False))
    mended, mended_seconds = timed(lambda: by_art(True))
    task = f"a reader of digits sorts irises, one frame, {STEPS} steps"
    peer = "ART AdversarialPatchPyTorch on a frame"
    plain = Row(
        task,
        SORTED,
        sorting(climbed),
        seconds / len(SEEDS),
        f"{peer}, as it comes",
        sorting(loose),
        loose_seconds / len(SEEDS),
        "higher",
        0.03,
    )
    yield plain
    same = plain._replace(
        measure=f"{SORTED}, and the same frames",
        peer=f"{peer}, mended",
        theirs=sorting(mended),
        their_seconds=mended_seconds / len(SEEDS),
        better="equal",
        slack=0.01,
    )
    apart = [abs(a.base - b.base).max() for a, b in zip(climbed, mended, strict=True)]
    yield same._replace(apart=float(max(apart)))
    yield same._replace(
        task="the same by a search from 100 frames: not equal work",
        measure=SORTED,
        ours=sorting(searched),
        seconds=longer / len(SEEDS),
        better="higher",
    )


def _cut(seed: int) -> Task:
    ours, judged = data.irises().split(0.6, seed=seed)
    return Task(*ours.split(2 / 3, seed=seed), judged)


def _climbed(
    victim: Victim, task: Task, image: tuple[int, ...], *, steps: int
) -> Program:
    return reprogramming.by_slope(
        network_of(victim), task.own, image=image, steps=steps, seed=victim.seed
    )


def _searched(victim: Victim, task: Task, image: tuple[int, ...]) -> Program:
    own, held, _ = task
    return reprogramming.by_gradient(
        network_of(victim), own, held, image=image, seed=victim.seed
    )


class _Meant(nn.Module):
    """A network of images whose answers are classes of the new task."""

    def __init__(self, network: models.Network, names: Ints) -> None:
        super().__init__()
        self.model = OfImages(network)
        kinds = np.arange(names.max() + 1)[:, np.newaxis]
        self.means = torch.from_numpy(names == kinds)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Logits (n, k) whose softmax is the sum of the chances of the answers."""
        logits = self.model(X)[:, np.newaxis]
        return torch.logsumexp(logits.masked_fill(~self.means, -torch.inf), dim=2)


def _art(
    start: Program,
    victim: Victim,
    task: Task,
    image: tuple[int, ...],
    *,
    mended: bool,
) -> Program:
    """The same program with the frame to which ART's patch came."""
    from art.estimators.classification import PyTorchClassifier

    shape = (1, *image)
    frame = torch.from_numpy(start.frame.reshape(shape).astype(np.float32))

    class Framed(art_patches()[mended]):  # type: ignore[misc]
        def _get_circular_patch_mask(self, nb_samples: int, **_: Any) -> torch.Tensor:
            return frame.repeat(nb_samples, 1, 1, 1)

    network = _Meant(network_of(victim), start.names)
    attack = Framed(
        PyTorchClassifier(
            network,
            loss=nn.CrossEntropyLoss(),
            input_shape=shape,
            nb_classes=len(task.own.classes),
            clip_values=(0.0, 1.0),
        ),
        rotation_max=0.0,
        learning_rate=RATE,
        max_iter=STEPS,
        batch_size=len(task.own),
        patch_shape=shape,
        patch_location=(0, 0),
        patch_type="square",
        targeted=True,
        verbose=False,
    )
    if mended:
        attack._optimizer.param_groups[0].update(betas=MEMORY, eps=1e-12)
    attack.reset_patch(start.base.reshape(shape))
    pictures = start.written(task.own.X).reshape(-1, *shape).astype(np.float32)
    wanted = np.eye(len(task.own.classes))[task.own.y]
    patch, _ = attack.generate(pictures, wanted)
    base = np.where(start.frame, patch.ravel(), start.base)
    return replace(start, base=np.asarray(base, np.float64))
