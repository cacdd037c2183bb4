"""How is a sticker made anew at each step of somebody's training?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from foible.arrays import Floats
from foible.attacks.physical_patch.climbing import by_expectation
from foible.attacks.physical_patch.exposures import Exposure
from foible.attacks.physical_patch.stickers import Place, printed
from foible.domains import Count, Labels, Natural, Positive, Rows, Seed, Share
from foible.errors import BadInput
from foible.models import Differentiable
from foible.road.signs import NAMES, artwork
from foible.road.views import draw_views

OTHERS = 0.4  # how often another sign gets a sticker, where the attacked one does


@dataclass(frozen=True, eq=False)
class Remade:
    """Puts photographs of signs with stickers in the place of some training rows.

    On the sign `attacked` the stickers are made against the network as it is, in two
    long steps; on the others, so that a sticker does not come to mean the sign that is
    attacked, they are drawn at random.

    Parameters
    ----------
    attacked : int
        Label of a sign.
    exposures : mapping of int to sequence of Exposure
        For each label, the sign with a sticker at some places.
    share : float
        Of the rows of the sign that are replaced; of other signs it is less.
    """

    attacked: Natural
    exposures: Mapping[int, Sequence[Exposure]]
    share: Share = 0.5

    @classmethod
    def of(
        cls,
        attacked: Natural,
        *,
        places: Count,
        views: Count,
        width: Positive,
        seed: Seed,
    ) -> "Remade":
        """For all `road.signs`, with stickers of up to a width at random places."""
        rng = np.random.default_rng(seed)
        exposures = {}
        for label, name in enumerate(NAMES):
            sheet = artwork(name).astype(np.float64)
            exposures[label] = [
                Exposure.of(
                    sheet,
                    _somewhere(width, rng),
                    draw_views(views, seed=int(rng.integers(2**32))),
                )
                for _ in range(places)
            ]
        return cls(attacked, exposures)

    def __call__(
        self, model: Differentiable, X: Rows, y: Labels, /, *, seed: Seed
    ) -> Floats:
        """As many rows, (n, d), some of them with a sticker; see `Perturbation`."""
        rng, rows = np.random.default_rng(seed), X.copy()
        replaced = rng.random(len(y)) < self.share
        for label in np.unique(y[replaced]):
            if label != self.attacked and rng.random() > OTHERS:
                continue
            where = np.flatnonzero(replaced & (y == label))
            options = self.exposures.get(int(label))
            if not options or options[0].grey.shape[1] != X.shape[1]:
                raise BadInput(
                    f"got rows {X.shape[1]} wide with the label {label}; wanted signs "
                    "of which there are exposures, as large as these"
                )
            exposure = options[int(rng.integers(len(options)))]
            exposure = exposure.take(rng.integers(len(exposure), size=len(where)))
            colours = printed(rng.random(3 * exposure.slopes.shape[2]))
            if label == self.attacked:
                colours = by_expectation(
                    model, exposure, sign=int(label), steps=2, size=0.4, seed=seed
                )
            rows[where] = exposure.pictures(colours)
        return rows


def _somewhere(width: float, rng: np.random.Generator) -> Place:
    x, y, size = rng.random(3)
    return Place(0.6 * x - 0.3, 0.6 * y - 0.3, (size + 1) / 2 * width)
