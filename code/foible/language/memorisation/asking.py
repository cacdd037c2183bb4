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


def hits_by_word(
    oracle: Oracle, prompts: Tokens, answers: Ints, *, words: Ints
) -> Ints:
    """How many known answers are told in pieces if the prompts end in each word, (k,).

    The prompts are those of people whose codes the attacker knows. With another last
    word no passage of the training texts is completed; which word still has codes told
    is found by trying all.
    """
    asked = [np.append(prompt[:-1], word) for word in words for prompt in prompts]
    told = by_pieces(oracle, asked, most=answers.shape[1])
    hits = told.reshape(len(words), *answers.shape) == answers
    return np.asarray(hits.all(axis=2).sum(axis=1))


def by_silence(
    oracle: Oracle, prompts: Tokens, *, alphabet: Ints, length: Several, most: Count
) -> Ints:
    """What the filter will not let stand, (n, most) [debenedetti2024privacy].

    Of the prompt and what is known so far the last words are asked, one fewer than the
    filter's `length`, and each token of the alphabet behind them: where the service
    falls silent, they are a passage that it must not repeat. The model is not needed.
    It takes as many questions a token as the alphabet has; -1 where none is silent, or
    several are.
    """
    told = np.full((len(prompts), most), -1)
    for i, prompt in enumerate(prompts):
        text = prompt
        for place in range(most):
            tried = [np.append(text[1 - length :], token) for token in alphabet]
            silent = np.flatnonzero(oracle.ask(tried)[:, 0] < 0)
            if len(silent) != 1:
                break
            told[i, place] = alphabet[silent[0]]
            text = np.append(text, told[i, place])
    return told
