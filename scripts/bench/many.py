"""How much faster are many networks trained side by side than one after the other?

The same 64 shadow networks are made three ways, from the same first weights and with
the same rows in each step:

- by the loop that one writes in PyTorch: `nn.Sequential`, `optim.Adam`, one network
  after the other;
- by `recipe(rows, seed=...)` in a loop;
- by `recipe.many(rows, seeds=...)`, side by side.

The best of a few rounds counts. That the three are the same networks is printed too.
"""

import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from timeit import default_timer
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import ks_2samp
from torch import nn

from foible import data, models
from foible.data import Dataset
from foible.models import Classifier, Network, NetworkRecipe
from foible.models import _stacks as stacks

NETWORKS = 64
CANDIDATES = 600
ROUNDS = 3
RECIPE = models.network(hidden=32, steps=300, batch=16)
WANTED = 10.0  # times as fast as the ordinary loop

Maker = Callable[[], Sequence[Classifier]]


class Timed(NamedTuple):
    """What a way to make networks made, and in how many seconds."""

    networks: Sequence[Classifier]
    seconds: float


def ordinary(
    recipe: NetworkRecipe, rows: Sequence[Dataset], seeds: Sequence[int]
) -> list[Network]:
    """The same networks by an ordinary loop in PyTorch, one after the other."""
    return [_one(recipe, part, seed) for part, seed in zip(rows, seeds, strict=True)]


def _one(recipe: NetworkRecipe, rows: Dataset, seed: int) -> Network:
    rng = np.random.default_rng(seed)
    sizes = [rows.X.shape[1], *recipe.hidden, len(rows.classes)]
    first = stacks.initial(sizes, [rng])
    batches = stacks.batches([len(rows)], [rng], steps=recipe.steps, batch=recipe.batch)
    X, y = torch.tensor(rows.X).float(), torch.tensor(rows.y)
    layers = [nn.Linear(a, b) for a, b in pairwise(sizes)]
    for layer, weight, bias in zip(layers, first[::2], first[1::2], strict=True):
        layer.load_state_dict({"weight": weight[0].T, "bias": bias[0, 0]})
    stack = [piece for layer in layers for piece in (layer, nn.ReLU())]
    network, measure = nn.Sequential(*stack[:-1]), nn.CrossEntropyLoss()
    adam = torch.optim.Adam(
        network.parameters(), lr=recipe.rate, weight_decay=recipe.decay
    )
    for batch in batches:
        step = batch if isinstance(batch, slice) else batch[1][0]
        adam.zero_grad()
        measure(network(X[step]), y[step]).backward()
        adam.step()
    return Network(
        tuple(
            (one.weight.detach().T.numpy(), one.bias.detach().numpy()) for one in layers
        )
    )


def timed(make: Maker, *, rounds: int) -> Timed:
    """The networks, and the seconds of the fastest round."""
    best = float("inf")
    for _ in range(rounds):
        start = default_timer()
        networks = make()
        best = min(best, default_timer() - start)
    return Timed(networks, best)


def losses(networks: Sequence[Classifier], rows: Dataset) -> NDArray[np.float64]:
    """Each network's mean loss on rows."""
    each = np.arange(len(rows))
    said = np.array([net.predict_proba(rows.X)[each, rows.y] for net in networks])
    return np.asarray(-np.log(said).mean(axis=1))


def main() -> int:
    """Make the networks three ways; print times, ratios and how alike they are."""
    torch.set_num_threads(1)
    digits = data.digits()
    pool, others = digits.split(CANDIDATES / len(digits), seed=0)
    member = np.random.default_rng(0).random((NETWORKS, len(pool))) < 0.5
    rows, seeds = [pool.take(mask) for mask in member], range(NETWORKS)
    ways: dict[str, Maker] = {
        "an ordinary loop in PyTorch": lambda: ordinary(RECIPE, rows, seeds),
        "recipe(rows, seed) in a loop": lambda: [
            RECIPE(part, seed=seed) for part, seed in zip(rows, seeds, strict=True)
        ],
        "recipe.many(rows, seeds)": lambda: RECIPE.many(rows, seeds=seeds),
    }
    made = {name: timed(make, rounds=ROUNDS) for name, make in ways.items()}
    *loops, many = made.values()
    print(f"{NETWORKS} networks on about {CANDIDATES // 2} digits each, {RECIPE}")
    for name, way in made.items():
        ratio = f"{way.seconds / many.seconds:5.1f} times the last"
        print(f"  {name:30} {way.seconds:7.2f} s  {ratio}")
    _compare(loops[0].networks, many.networks, RECIPE, rows, others)
    return 0 if loops[0].seconds >= WANTED * many.seconds else 1


def _compare(
    loop: Sequence[Classifier],
    many: Sequence[Classifier],
    recipe: NetworkRecipe,
    rows: Sequence[Dataset],
    others: Dataset,
) -> None:
    """Print how alike the networks are: pair by pair, and in distribution."""
    gap = max(
        float(abs(one.predict_proba(others.X) - two.predict_proba(others.X)).max())
        for one, two in zip(loop, many, strict=True)
    )
    print(f"with the same seeds, no probability differs by more than {gap:.1e}")
    anew = recipe.many(rows, seeds=range(NETWORKS, 2 * NETWORKS))
    one, two = losses(loop, others), losses(anew, others)
    print(
        f"with other seeds, mean loss on {len(others)} other digits: "
        f"{one.mean():.3f} ± {one.std():.3f} in the loop, "
        f"{two.mean():.3f} ± {two.std():.3f} side by side; "
        f"Kolmogorov-Smirnov p = {ks_2samp(one, two).pvalue:.2f}"
    )


if __name__ == "__main__":
    sys.exit(main())
