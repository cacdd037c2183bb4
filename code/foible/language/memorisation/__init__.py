"""What does a language model repeat of the texts that it learned from?

Door codes are planted among ordinary sentences (`Codes`), and whoever asks looks for
them: by the likeliest answer (`greedy`), by a few of the likeliest (`beam`), by the
rank of the right one among all (`ranks`, `exposures`), and, where a filter stands
before the answers, round it (`by_pieces`, `by_changes`, `by_silence`). Whether a
sentence was read at all is another question (`lira`).
"""

from foible.language.memorisation.asking import (
    beam,
    by_changes,
    by_pieces,
    by_silence,
    by_vote,
    greedy,
)
from foible.language.memorisation.judges import (
    Planted,
    judge_codes,
    judge_copies,
    judge_exposure,
    judge_filters,
    judge_sentences,
    judge_told,
)
from foible.language.memorisation.ranks import exposures, ranks
from foible.language.memorisation.secrets import FORMS, Codes, known_to
from foible.language.memorisation.sentences import likelihood, lira
