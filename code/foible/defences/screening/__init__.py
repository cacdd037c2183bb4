"""Which rows should a model not learn from, and how much can a few do?"""

from foible.defences.screening.features import (
    by_clusters,
    by_expected,
    by_spectrum,
    spectral_scores,
)
from foible.defences.screening.judges import (
    judge_histograms,
    judge_screens,
    judge_trusted,
)
from foible.defences.screening.rows import (
    Screen,
    by_confidence,
    by_digest,
    by_loss,
    by_neighbours,
    digests,
    screened,
    seen_through,
)
from foible.defences.screening.trusted import (
    alarms,
    contradicted,
    histograms,
    moved,
    outside,
)
from foible.defences.screening.votes import (
    Partitioned,
    certificate,
    partition,
    partitioned,
)
