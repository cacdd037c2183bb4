"""Who was in the training data of a network of CIFAR's size? LiRA on one graphics card.

    python scripts/cifar_shadows.py --plan
    python scripts/cifar_shadows.py --data cifar-10-batches-bin --folder kept

The card is `--device`, `cuda` if left out, and there are 64 shadows if `--shadows` says
no other number.

Makes a target and its shadows from random halves of CIFAR-10's 50,000 training images,
each a residual network, and says whom LiRA finds. Each network is written to `--folder`
when it is finished: a run that was broken off goes on with the next, and one with more
shadows makes only those. The images are read from the binary version of the data set,
`data_batch_1.bin` to `data_batch_5.bin`; `--invented` draws some instead.

`--plan` says beforehand what it costs: it trains growing networks on a processor for an
epoch, counts the operations of these and of the whole, and gives hours for that
processor, at the speed that was measured, and for cards that keep up a speed that is
assumed: ask the card's own, and expect a third of it.

What was run: the plan, and the whole way on a processor, with invented images of 8 by 8
pixels and networks of width 4, broken off and gone on with. It has not been run on a
graphics card, nor on CIFAR-10: the hours of cards are arithmetic, and nobody has
measured what LiRA finds there.
"""

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from timeit import default_timer
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, pad
from torch.utils.flop_counter import FlopCounterMode

from foible import data, metrics, models
from foible.arrays import masks
from foible.attacks import membership_inference as mi
from foible.data import Dataset
from foible.errors import FoibleError
from foible.store import kept

SIDE, WIDTH, ROWS, EPOCHS, BATCH = 32, 64, 50_000, 30, 256
PIXELS, RECORD = 3 * SIDE**2, 3 * SIDE**2 + 1
CARDS = {
    "a card that keeps up 5 TFLOP/s": 5e12,
    "a card that keeps up 20 TFLOP/s": 20e12,
    "a card that keeps up 80 TFLOP/s": 80e12,
}
MEASURED = ((256, 8, 16), (256, 16, 16), (256, 16, 32), (256, 32, 32))
"""Rows, width and side of what the plan measures."""
VERSION = "1"  # of what is below: another after a change

# ---------------------------------------------------------------- the network


class Block(nn.Module):
    """Two layers of filters, and a way around them [he2016deep]."""

    def __init__(self, come: int, go: int) -> None:
        super().__init__()
        step = 1 if come == go else 2
        self.inside = nn.Sequential(
            nn.Conv2d(come, go, 3, step, 1, bias=False),
            nn.BatchNorm2d(go),
            nn.ReLU(),
            nn.Conv2d(go, go, 3, 1, 1, bias=False),
            nn.BatchNorm2d(go),
        )
        around = nn.Sequential(
            nn.Conv2d(come, go, 1, step, bias=False), nn.BatchNorm2d(go)
        )
        self.around: nn.Module = nn.Identity() if step == 1 else around

    def forward(self, given: Tensor) -> Tensor:
        """What goes on, (n, go, height, width)."""
        return torch.relu(self.inside(given) + self.around(given))


def residual(width: int) -> nn.Sequential:
    """A network of 18 layers, `width` filters in the first, untrained."""
    widths = [width, width, width, 2 * width, 2 * width, 4 * width, 4 * width]
    widths += [8 * width, 8 * width]
    blocks = [Block(a, b) for a, b in pairwise(widths)]
    begin = [nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
    end = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8 * width, 10)]
    return nn.Sequential(*begin, *blocks, *end)


def trained(
    X: NDArray[np.float64], y: NDArray[np.int64], *, seed: int, width: int, epochs: int
) -> nn.Module:
    """A network after so many epochs of images, flipped and shifted."""
    network = residual(width)
    images = torch.tensor(X, dtype=torch.float32)
    labels = torch.tensor(y)
    steps = epochs * -(-len(images) // BATCH)
    descent = torch.optim.SGD(
        network.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4, nesterov=True
    )
    rate = torch.optim.lr_scheduler.OneCycleLR(descent, 0.2, total_steps=max(steps, 2))
    on_card = images.device.type == "cuda"
    for _ in range(epochs):
        for some in torch.split(torch.randperm(len(images)), BATCH):
            with torch.autocast(images.device.type, torch.bfloat16, enabled=on_card):
                loss = cross_entropy(network(moved(images[some])), labels[some])
            descent.zero_grad()
            torch.autograd.backward([loss])
            descent.step()
            rate.step()
    return network


def moved(images: Tensor) -> Tensor:
    """Images (n, 3, s, s), some of them flipped, all shifted by up to an eighth."""
    edge = images.shape[-1] // 8
    flip = torch.rand(len(images), 1, 1, 1) < 0.5
    wide = pad(torch.where(flip, images.flip(3), images), (edge,) * 4)
    down, right = torch.randint(0, 2 * edge + 1, (2,)).tolist()
    size = images.shape[-1]
    return wide[:, :, down : down + size, right : right + size]


# ---------------------------------------------------------------- the images


def cifar(folder: Path) -> Dataset:
    """The 50,000 training images, from 0 to 1."""
    files = [folder / f"data_batch_{i}.bin" for i in range(1, 6)]
    for file in files:
        if not file.exists() or file.stat().st_size != 10_000 * RECORD:
            sys.exit(f"got no whole {file}; wanted CIFAR-10's binary version there")
    read = np.concatenate([np.fromfile(file, np.uint8) for file in files])
    records = read.reshape(-1, RECORD)
    images = np.moveaxis(records[:, 1:].reshape(-1, 3, SIDE, SIDE), 1, -1) / 255
    return data.labelled(images, records[:, 0].astype(int), classes=range(10))


def invented(rows: int, side: int) -> Dataset:
    """Images of noise with a bright spot, whose place is the class."""
    random = np.random.default_rng(0)
    y = random.integers(10, size=rows)
    images = random.random((rows, side, side, 3)) / 2
    images.reshape(rows, -1)[np.arange(rows), y * (3 * side**2 // 10)] += 0.5
    return data.labelled(images, y, classes=range(10))


# ---------------------------------------------------------------- the plan


def seconds(rows: int, width: int, side: int) -> float:
    """What an epoch takes here."""
    X = np.random.default_rng(0).random((rows, 3, side, side))
    start = default_timer()
    trained(X, np.arange(rows) % 10, seed=0, width=width, epochs=1)
    return default_timer() - start


def operations(width: int, side: int) -> float:
    """Operations to learn from one image once, forwards and back."""
    with FlopCounterMode(display=False) as counter:
        end = residual(width)(torch.zeros(2, 3, side, side)).sum()
        torch.autograd.backward([end])
    return float(counter.get_total_flops()) / 2


def plan(rows: int, width: int, side: int, epochs: int, shadows: int) -> None:
    """Print how time grows here, and what the whole would take here and on cards.

    Small networks take more time an operation, so the whole is reckoned by the speed
    that the largest of those measured reaches.
    """
    torch.set_num_threads(1)
    seconds(*MEASURED[0])  # the first of all loads what it needs
    print("| rows | width | side | GFLOP | s, one core | GFLOP/s |")
    print("| --: | --: | --: | --: | --: | --: |")
    work, taken = [], []
    for size in MEASURED:
        work.append(size[0] * operations(*size[1:]))
        taken.append(seconds(*size))
        speed = work[-1] / taken[-1] / 1e9
        told = f"{work[-1] / 1e9:.1f} | {taken[-1]:.2f} | {speed:.1f} |"
        print("| {} | {} | {} |".format(*size), told, flush=True)
    power = np.polyfit(np.log(work), np.log(taken), 1)[0]
    print(f"\nhere time grows as operations^{power:.2f}; an epoch more is one more")
    each = operations(width, side) * rows / 2 * epochs
    print(
        f"{rows // 2:,} rows, width {width}, side {side}, {epochs} epochs: "
        f"{each / 1e15:.1f} PFLOP a network\n"
    )
    print(f"| where | a network, h | {shadows} and the target, h |")
    print("| :-- | --: | --: |")
    here = {"one core of this machine": work[-1] / taken[-1]}
    for name, speed in (here | CARDS).items():
        one = each / speed / 3600
        print(f"| {name} | {one:.2f} | {one * (shadows + 1):,.1f} |")


# ---------------------------------------------------------------- the run


def attacked(rows: Dataset, recipe: models.Recipe, shadows: int, folder: Path) -> None:
    """Make what is missing, and say whom LiRA finds."""
    start, there = default_timer(), len(list(folder.glob("*.npz")))
    (member,) = masks(1, len(rows), seed=10_000)
    target = models.oracle(recipe(rows.take(member), seed=10_000))
    crowd = mi.Shadows.made(recipe, rows, count=shadows, seed=0).on_disk(folder)
    made = len(list(folder.glob("*.npz"))) - there
    print(f"made {made} networks in {default_timer() - start:.0f} s")
    score = mi.lira(target, rows, crowd)
    for alarms in (0.001, 0.01):
        found = metrics.found_at(score[member], score[~member], false_alarms=alarms)
        print(f"at {alarms:.1%} false alarms LiRA finds {found:.1%} of the members")


def main(given: Sequence[str] | None = None) -> None:
    """Plan, or make and attack."""
    told = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    told.add_argument("--plan", action="store_true", help="say what it costs, and end")
    told.add_argument("--data", type=Path, help="folder of CIFAR-10's binary version")
    told.add_argument("--invented", action="store_true", help="images that are drawn")
    told.add_argument("--folder", type=Path, help="where the networks are kept")
    told.add_argument("--device", default="cuda")
    for name, most in (("shadows", 64), ("epochs", EPOCHS), ("width", WIDTH)):
        told.add_argument(f"--{name}", type=int, default=most)
    told.add_argument("--rows", type=int, default=ROWS)
    told.add_argument("--side", type=int, default=SIDE, help="of images that are drawn")
    asked = told.parse_args(given)
    if asked.plan:
        plan(asked.rows, asked.width, asked.side, asked.epochs, asked.shadows)
        return
    if not asked.folder or not (asked.data or asked.invented):
        told.error("wanted --folder, and --data or --invented; or --plan")
    rows = invented(asked.rows, asked.side) if asked.invented else cifar(asked.data)
    shape: Any = (3, *rows.image[:2]) if rows.image else ()
    make = partial(trained, width=asked.width, epochs=asked.epochs)
    like = models.torch(residual(asked.width).eval(), image=shape)
    recipe = kept(
        models.recipe(make, image=shape, device=asked.device),
        asked.folder,
        version=VERSION,
        like=like,
        together=1,
    )
    try:
        attacked(rows, recipe, asked.shadows, asked.folder)
    except FoibleError as refusal:
        sys.exit(str(refusal))


if __name__ == "__main__":
    main()
