"""Was this sentence among the texts, by what models say that read it or did not?"""

import numpy as np
from scipy.stats import norm

from foible.arrays import Bools, Floats, Tokens
from foible.domains import Logits, Scores
from foible.errors import BadInput
from foible.oracle import Oracle


def likelihood(oracle: Oracle, texts: Tokens) -> Floats:
    """Mean log-probability of each text's tokens but the first, ndarray of (n,).

    `oracle` answers with probabilities; each beginning of a text is a question.
    """
    begun = [text[:i] for text in texts for i in range(1, len(text))]
    following = np.concatenate([text[1:] for text in texts])
    told = np.empty(len(begun))
    for start in range(0, len(begun), 4096):  # as many answers at once as room allows
        part = slice(start, start + 4096)
        said = oracle.ask(begun[part])
        told[part] = said[np.arange(len(said)), following[part]]
    lengths = np.array([len(text) - 1 for text in texts])
    ends = np.cumsum(lengths)
    logs = np.log(np.maximum(told, 1e-12))
    return np.asarray(np.add.reduceat(logs, ends - lengths) / lengths)


def lira(asked: Scores, known: Logits, member: Bools) -> Floats:
    """The likelihood ratio of read against not read, (n,) [carlini2022membership].

    Two normal distributions for each sentence, with means of its own and the spreads of
    all together, since there are few shadows.

    Parameters
    ----------
    asked : ndarray of shape (n,)
        What the target gives to each sentence; see `likelihood`.
    known : ndarray of shape (m, n)
        What each of the attacker's own models gives.
    member : ndarray of bool, shape (m, n)
        Which of these have read it.
    """
    if not (member.any(axis=0) & ~member.all(axis=0)).all():
        raise BadInput(
            "got a sentence that all shadows read, or none; wanted some of each: make "
            "more shadows"
        )
    ratio = np.zeros(len(asked))
    for which, sign in ((member, 1), (~member, -1)):
        mean = np.where(which, known, 0).sum(axis=0) / which.sum(axis=0)
        squares = np.where(which, known - mean, 0) ** 2
        spread = np.sqrt(squares.sum() / max(which.sum() - known.shape[1], 1))
        ratio += sign * norm.logpdf(asked, mean, spread or 1.0)
    return ratio
