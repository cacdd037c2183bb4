"""How likely is the right code, beside all others that it could be?"""

import numpy as np
from scipy.special import log_softmax

from foible.arrays import Floats, Ints, Tokens
from foible.domains import Count
from foible.errors import BadInput
from foible.oracle import Oracle


def ranks(
    oracle: Oracle,
    prompts: Tokens,
    answers: Ints,
    *,
    alphabet: Ints,
) -> Ints:
    """The exact rank of each answer among all of its length, from 1, int64 of (n,).

    All are the words of one tree, a token of the alphabet at each branch. No text is
    likelier than its beginning, so a branch that is less likely than the whole answer
    is counted out unseen: of 10^4 codes a well-known one takes 4 questions.
    One more than the number of likelier ones [carlini2019secret].

    Parameters
    ----------
    oracle : Oracle
        Answers texts with values.
    prompts : sequence of ndarray of shape (t,)
    answers : ndarray of shape (n, d)
        Tokens of the alphabet.
    alphabet : ndarray of shape (k,)
    """
    pairs = zip(prompts, answers, strict=True)
    return np.array([_rank(oracle, *pair, alphabet) for pair in pairs])


def _rank(oracle: Oracle, prompt: Ints, answer: Ints, alphabet: Ints) -> int:
    own = np.array([np.flatnonzero(alphabet == token)[0] for token in answer])
    path = [np.concatenate([prompt, answer[:i]]) for i in range(len(answer))]
    steps = log_softmax(oracle.ask(path), axis=1)[:, alphabet]
    least = 0.0  # summed in the order of the walk, so that it equals itself
    for step, branch in zip(steps, own, strict=True):
        least += step[branch]
    texts, known, likelier = [prompt], np.zeros(1), 0
    for depth in range(len(answer)):
        said = log_softmax(oracle.ask(texts), axis=1)[:, alphabet] + known[:, None]
        if depth == len(answer) - 1:
            likelier = int((said > least + 1e-6).sum())
            break
        rows, branches = np.nonzero(said > least)
        if not len(rows):
            break
        pairs = zip(rows, branches, strict=True)
        texts = [np.append(texts[i], alphabet[j]) for i, j in pairs]
        known = said[rows, branches]
    return likelier + 1


def exposures(ranks: Ints, *, space: Count) -> Floats:
    """The bits by which each rank is better than a guess [carlini2019secret].

    The logarithm to the base 2 of the number of all that could be, less that of the
    rank, (n,): nought for the last, all bits for the first.
    """
    if ranks.min() < 1 or ranks.max() > space:
        raise BadInput(f"got ranks {ranks.min()} to {ranks.max()}; wanted 1 to {space}")
    return np.asarray(np.log2(space) - np.log2(ranks))
