"""Who is asking, what are they trying, and whose model is that?

A theft can be noticed while it happens: a `journal` of what an account asks, a `quota`,
`ranged`, which refuses rows out of range, and `prada`, which refuses an account whose
questions do not lie as natural ones do. Or afterwards, with a suspect model in hand:
`watermarked` teaches a model answers that nobody else would give, and `by_kept_rows`
asks whether the suspect knows rows that only the owner had. A backdoor can be noticed
while its trigger is shown: `suspicious` looks at the answers to mixtures of a row with
clean ones, and a program while it is asked: pictures are `strange` or `doubtful` for
the service, or `repeated`, and `guarded` refuses them. The judges count false alarms
too.
"""

from foible.defences.watching.accounts import (
    journal,
    least_normal,
    normality,
    outside,
    prada,
    quota,
    ranged,
)
from foible.defences.watching.judges import judge_ownership, judge_prada
from foible.defences.watching.mixtures import indecision, suspicious
from foible.defences.watching.ownership import (
    by_kept_rows,
    by_watermark,
    kept_rows,
    keys,
    redealt,
    watermarked,
)
from foible.defences.watching.pictures import (
    Look,
    doubtful,
    guarded,
    repeated,
    strange,
)
