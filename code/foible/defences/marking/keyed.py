"""How does a key become numbers that look like chance, and a model's text bear them?"""

from typing import Annotated, Protocol

import numpy as np
from numpy.typing import NDArray

from foible.arrays import Floats, Ints, Tokens
from foible.domains import Count, Natural, Seed, counted
from foible.errors import BadInput
from foible.models.language import Adjusted, Language

ODD = np.uint64(0x9E3779B97F4A7C15)  # Weyl's step, as in SplitMix64
TOGETHER = 100  # texts whose scores fit into a processor's cache


class Mark(Protocol):
    """What a model's owner does to each word that it draws, and how they find it."""

    def begun(self, n: Count, *, seed: Seed) -> Adjusted:
        """What changes the logits of n texts that are written side by side."""
        ...

    def p_values(self, texts: Tokens) -> Floats:
        """How likely each text would look so marked by chance, ndarray of shape (n,).

        If nobody marked it: then at most a share p of texts is told p or less.
        """
        ...


def marked(
    model: Language,
    prompts: Annotated[Ints, counted("n", "t")],
    mark: Mark | None,
    *,
    words: Count,
    seed: Seed,
) -> Ints:
    """So many words behind each prompt, drawn with a mark or without, (n, words).

    No text ends before, and no word is <unknown>. The first texts stay the same when
    more prompts follow.
    """
    starts = np.arange(0, len(prompts), TOGETHER)
    seeds = np.random.default_rng(seed).integers(2**32, size=len(starts))
    parts = [
        _together(model, prompts[start : start + TOGETHER], mark, words, int(one))
        for start, one in zip(starts, seeds, strict=True)
    ]
    return np.concatenate(parts)


def _together(
    model: Language, prompts: Ints, mark: Mark | None, words: int, seed: int
) -> Ints:
    change = None if mark is None else mark.begun(len(prompts), seed=seed)

    def adjusted(told: Ints, logits: Floats) -> Floats:
        known = logits.copy()
        known[:, :2] = -np.inf
        return known if change is None else change(told, known)

    return model.sampled(list(prompts), most=words, adjusted=adjusted, seed=seed)


def draws(
    key: Natural, contexts: Annotated[Ints, counted("n", "h")], words: Ints
) -> Floats:
    """Numbers from 0 to 1 that follow from a key, a context and a word, float64.

    The same each time, and without the key like chance. By SplitMix64, which is quick
    and no cipher: an owner takes HMAC.

    Parameters
    ----------
    key : int
    contexts : ndarray of shape (n, h)
        The words before.
    words : ndarray of shape (m,) or (n, 1)
        For shape (m,), each word behind each context.

    Returns
    -------
    ndarray of shape (n, m), or (n, 1)
    """
    if words.ndim not in (1, 2):
        raise BadInput(f"got words of shape {words.shape}; wanted (m,) or (n, 1)")
    state = _mixed(np.full(len(contexts), key, np.uint64))
    for column in contexts.T:
        state = _mixed(state + ODD * (column.astype(np.uint64) + np.uint64(1)))
    each = ODD * (words.astype(np.uint64) + np.uint64(1))
    mixed = _mixed(state[:, None] ^ _mixed(each)) >> np.uint64(11)
    return mixed.astype(np.float64) * 2.0**-53


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's last step: each bit of the input turns half of the output's."""
    values = values ^ (values >> np.uint64(30))
    values *= np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(27)
    values *= np.uint64(0x94D049BB133111EB)
    values ^= values >> np.uint64(31)
    return values


def runs_of(text: Ints, width: int, *, once: bool) -> Ints:
    """The runs of width + 1 words that a detector counts, (m, width + 1)."""
    if len(text) <= width:
        raise BadInput(f"got a text of {len(text)} words; wanted more than {width}")
    runs = np.lib.stride_tricks.sliding_window_view(text, width + 1)
    return np.unique(runs, axis=0) if once else runs
