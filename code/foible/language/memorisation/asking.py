"""How does one ask for a code, and how if the answers are filtered?"""

import numpy as np

from foible.arrays import Ints, Tokens
from foible.domains import Count, Several
from foible.oracle import Oracle


def greedy(oracle: Oracle, prompts: Tokens, *, most: Count) -> Ints:
    """What comes behind each prompt, (n, most), at one question each."""
    told = oracle.ask(prompts)[:, :most]
    return np.pad(told, ((0, 0), (0, most - told.shape[1])), constant_values=-1)


def beam(oracle: Oracle, prompt: Ints, *, most: Count, width: Count) -> Ints:
    """The likeliest answers to one prompt, the best first, (width, most).

    At each step the likeliest beginnings are kept, so many as `width`, and each is
    asked on. `oracle` answers with the top few tokens and their log-probabilities.
    """
    said, known = np.empty((1, 0), np.int64), np.zeros(1)
    for _ in range(most):
        texts = [np.concatenate([prompt, one]) for one in said]
        told = oracle.ask(texts)
        scores = known[:, None] + told[:, :, 1]
        order = np.argsort(-scores, axis=None, kind="stable")[:width]
        rows, places = np.unravel_index(order, scores.shape)
        tokens = told[rows, places, 0].astype(np.int64)
        said = np.column_stack([said[rows], tokens])
        known = scores[rows, places]
    return said


def by_vote(oracle: Oracle, prompts: Tokens, *, behind: Tokens, most: Count) -> Ints:
    """The commonest token at each place, over several sentences begun, (n, most).

    Each prompt is asked behind the first eight words of every sentence of `behind`: a
    code that was learned in the midst of others is told there.
    """
    told = np.empty((len(prompts), most), np.int64)
    for i, prompt in enumerate(prompts):
        asked = [np.concatenate([text[:-1][:8], prompt]) for text in behind]
        said = greedy(oracle, asked, most=most)
        for place, column in enumerate(said.T):
            values, counts = np.unique(column, return_counts=True)
            told[i, place] = values[counts.argmax()]
    return told


def by_pieces(oracle: Oracle, prompts: Tokens, *, most: Count) -> Ints:
    """A token at a time, each told one put behind the prompt, (n, most).

    What looks at each answer by itself sees a token at most [ippolito2023preventing].
    """
    told = np.full((len(prompts), most), -1)
    texts = list(prompts)
    for place in range(most):
        token = oracle.ask(texts)[:, 0]
        told[:, place] = token
        texts = [
            np.append(text, max(each, 1))
            for text, each in zip(texts, token, strict=True)
        ]
    return told


def by_changes(
    oracle: Oracle,
    prompts: Tokens,
    *,
    words: Ints,
    alphabet: Ints,
    reach: Count,
    most: Count,
) -> Ints:
    """The commonest token of an alphabet at each place, a word changed, (n, most).

    At each place the prompt and what is known so far are asked in many versions: each
    of the last words, so many as `reach`, is replaced by each of `words`. One fewer
    than a filter's length, and whatever is said completes no passage that was read.
    """
    told = np.empty((len(prompts), most), np.int64)
    texts = list(prompts)
    for place in range(most):
        asked = [
            np.concatenate([text[:-back], [word], text[len(text) - back + 1 :]])
            for text in texts
            for back in range(1, reach + 1)
            for word in words
        ]
        said = oracle.ask(asked)[:, 0].reshape(len(texts), -1, 1)
        told[:, place] = alphabet[(said == alphabet).sum(axis=1).argmax(axis=1)]
        texts = [np.append(*pair) for pair in zip(texts, told[:, place], strict=True)]
    return told


def by_silence(
    oracle: Oracle,
    prompts: Tokens,
    *,
    alphabet: Ints,
    behind: Tokens,
    length: Several,
    most: Count,
) -> Ints:
    """What the filter will not let stand, (n, most) [debenedetti2024privacy].

    Of the prompt and what is known so far the last words are asked, one fewer than the
    filter's `length`, and each token of the alphabet behind them: where the service
    falls silent, they are a passage that it must not repeat. The model is not needed,
    and is in the way: it falls silent too where it has come to its end. So what was
    silent is asked again with each tail of `behind`, and is kept if it stays so.
    It takes somewhat more questions a token than the alphabet has; -1 from where no
    token is left, or several are.
    """
    told = np.full((len(prompts), most), -1)
    for i, prompt in enumerate(prompts):
        text = prompt
        for place in range(most):
            left = alphabet
            for tail in behind:
                start = text[1 - length :]
                tried = [np.concatenate([start, [token], tail]) for token in left]
                left = left[oracle.ask(tried)[:, 0] < 0]
                if not len(left):
                    break
            if len(left) != 1:
                break
            told[i, place] = left[0]
            text = np.append(text, left)
    return told
