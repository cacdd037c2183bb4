"""How are many small networks trained as one?"""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from joblib import Parallel, delayed

from foible.data import Dataset
from foible.domains import Seed
from foible.errors import BadInput
from foible.models._checks import paired
from foible.models.networks import Network

GROUP = 64  # networks trained side by side, at most
GROUP_CELLS = 2**25  # and no more values than this in their stacked rows
STEP_CELLS = 2**18  # nor than this in the rows of one step: they are to stay in cache


class SideBySide(ABC):
    """A recipe that trains many networks as one."""

    hidden: tuple[int, ...]
    batch: int | None

    @abstractmethod
    def together(self, pairs: Sequence[tuple[Dataset, int]]) -> list[Network]:
        """A network for each of these rows and seeds; the rows are of one kind."""

    def __call__(self, rows: Dataset, *, seed: Seed) -> Network:
        """One network, its weights in float32."""
        return self.many([rows], seeds=[seed])[0]

    def many(self, rows: Sequence[Dataset], *, seeds: Sequence[Seed]) -> list[Network]:
        """As many networks, each up to rounding what it would be if made alone.

        BadInput: also if the rows differ in their columns or classes.
        """
        pairs = paired(rows, seeds)
        kinds = {(part.X.shape[1], len(part.classes)) for part in rows}
        if len(kinds) > 1:
            raise BadInput(
                f"got rows of {len(kinds)} kinds (columns, classes): {sorted(kinds)}; "
                "wanted one kind"
            )
        size = self._group_size(rows)
        groups = (pairs[i : i + size] for i in range(0, len(pairs), size))
        trained = Parallel()(delayed(self.together)(group) for group in groups)
        return [model for group in trained for model in group]

    def _group_size(self, rows: Sequence[Dataset]) -> int:
        """As many side by side as the cache holds."""
        longest = max((len(part) for part in rows), default=1)
        width = max((part.X.shape[1] for part in rows), default=1)
        step = min(self.batch or longest, longest) * max(width, *self.hidden, 1)
        return max(1, min(GROUP, GROUP_CELLS // (longest * width), STEP_CELLS // step))
