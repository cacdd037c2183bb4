"""Which few words in a document make a model do the attacker's task?

The attacker has the model and the frame, and requests of their own to try on. A suffix
is good if the model finds the attacker's answer likely on all of them, so that it works
on requests that they have not seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from foible.arrays import Floats
from foible.data import Frame, Orders, Request
from foible.domains import Count, Natural, Seed, Some
from foible.errors import BadInput
from foible.language.prompt_injection.planting import suffixed
from foible.models import Language


@dataclass(frozen=True)
class Suffix:
    """Words, and how unlikely they leave the attacker's answer.

    Parameters
    ----------
    words : tuple of str
    loss : float
        Minus the log-probability of the whole answer, the mean over the requests.
    tried : int
        How many suffixes were tried.
    """

    words: tuple[str, ...]
    loss: float
    tried: int


@dataclass(frozen=True, eq=False)
class Trial:
    """All that is needed to try a suffix.

    Parameters
    ----------
    model : Language
        The victim's, its weights known.
    frame : callable
        How the victim frames what it is asked, known too.
    own : sequence of Request
        The attacker's own, whose last document they write.
    orders : Orders
        The language.
    tongue : str
        What the attacker wants the documents in.
    before : int
        Before how many of the document's last words the suffix stands; 0 is behind it.
    """

    model: Language
    frame: Frame
    own: Some[Request]
    orders: Orders
    tongue: str
    before: Natural = 0

    def losses(self, suffixes: Sequence[tuple[str, ...]]) -> Floats:
        """The loss of each suffix, ndarray of shape (suffixes,)."""
        texts, starts = [], []
        answers = [self.orders.answer(self.tongue, one.letters) for one in self.own]
        told = [np.append(self.orders.vocabulary.tokens(one), 0) for one in answers]
        for words in suffixes:
            plant = suffixed({self.tongue: words}, before=self.before)
            for one, answer in zip(self.own, told, strict=True):
                last = one.documents[-1]
                changed = plant(one.parts[last].words, self.tongue)
                read = self.frame(one.with_document(last, changed))
                texts.append(np.concatenate([read, answer]))
                starts.append(len(read) - 1)
        lost = self.model.losses(texts)
        whole = [each[start:].sum() for each, start in zip(lost, starts, strict=True)]
        return np.asarray(np.reshape(whole, (len(suffixes), -1)).mean(axis=1))


def searched(
    trial: Trial,
    words: Some[str],
    *,
    length: Count,
    tries: Count,
    begin: Some[str] | None = None,
    seed: Seed,
) -> Suffix:
    """The best suffix found by changing one word at a time [zou2023universal].

    At each place in turn every word is tried and the best kept; where a round over all
    places gains nothing, the search begins anew from other words. In a small vocabulary
    the slope is not needed to choose whom to try.

    Parameters
    ----------
    trial : Trial
    words : sequence of str
        Which words a suffix may have.
    length : int
        How many it has.
    tries : int
        How many suffixes may be tried in all.
    begin : sequence of str, optional
        The words to begin with; random ones if left out.

    BadInput: a beginning of another length.
    """
    rng = np.random.default_rng(seed)
    if begin is not None and len(begin) != length:
        raise BadInput(f"got {len(begin)} words to begin with; wanted {length}")
    best, tried = Suffix((), np.inf, 0), 0
    while tried < tries:
        first = begin is not None and not tried
        now = tuple(begin or ()) if first else _drawn(words, length, rng)
        low, before = np.inf, np.inf
        while tried < tries:
            for place in rng.permutation(length):
                others = [(*now[:place], w, *now[place + 1 :]) for w in words]
                others = others[: tries - tried]
                if not others:
                    break
                lost, tried = trial.losses(others), tried + len(others)
                if lost.min() < low:
                    low, now = float(lost.min()), others[int(lost.argmin())]
            if low >= before:
                break
            before = low
        if low < best.loss:
            best = Suffix(now, low, tried)
    return Suffix(best.words, best.loss, tried)


def luckiest(
    trial: Trial, words: Some[str], *, length: Count, tries: Count, seed: Seed
) -> Suffix:
    """The control: the best of as many suffixes of random words; as `searched`."""
    rng = np.random.default_rng(seed)
    drawn = [_drawn(words, length, rng) for _ in range(tries)]
    lost = np.concatenate(
        [trial.losses(drawn[i : i + 64]) for i in range(0, tries, 64)]
    )
    return Suffix(drawn[int(lost.argmin())], float(lost.min()), tries)


def _drawn(
    words: Sequence[str], length: int, rng: np.random.Generator
) -> tuple[str, ...]:
    return tuple(words[i] for i in rng.integers(len(words), size=length))
