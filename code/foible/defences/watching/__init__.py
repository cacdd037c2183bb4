"""Who is asking, what are they trying, and whose model is that?

A theft can be noticed while it happens: a `journal` of what an account asks, a `quota`,
and `prada`, which refuses an account whose questions do not lie as natural ones do. Or
afterwards, with a suspect model in hand: `watermarked` teaches a model answers that
nobody else would give, and `by_kept_rows` asks whether the suspect knows rows that only
the owner had. A backdoor can be noticed while its trigger is shown: `suspicious` looks
at the answers to mixtures of a row with clean ones. The judges count false alarms too.
"""

from foible.defences.watching.distances import normality, prada
from foible.defences.watching.journals import journal, quota
from foible.defences.watching.judges import judge_ownership, judge_prada
from foible.defences.watching.kept import by_kept_rows, kept_rows
from foible.defences.watching.mixtures import indecision, suspicious
from foible.defences.watching.watermarks import by_watermark, keys, watermarked
