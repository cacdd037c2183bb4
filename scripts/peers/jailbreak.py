"""One step of greedy coordinate search, as its authors publish it."""

from collections.abc import Iterator

import numpy as np
import torch

from foible import models
from foible.language import jailbreak
from foible.language.jailbreak import ALLOWED, ORDERS, Answered
from foible.models import _transformer as transformer
from peers.table import Row, timed

COUNT, TOP, LENGTH = 40, 24, 10


def compared() -> Iterator[Row]:
    """The same model, wishes and suffixes, and a step by both.

    llm-attacks is no package of the index, and asks for large models: its
    `token_gradients`, the mean over wishes without a norm, and its `sample_control`
    are made here by their formulae.
    """
    recipe = models.language(context=40, steps=60)
    texts = jailbreak.lessons(jailbreak.wishes(2_000, seed=0), refusing=True)
    model = recipe(texts, seed=0)
    own = jailbreak.wishes(12, forbidden=True, seed=1)
    aim = Answered(model, own)
    luck = np.random.default_rng(0)
    suffixes = [luck.choice(ALLOWED, LENGTH) for _ in range(20)]
    ours, seconds = timed(lambda: [aim.slope(one) for one in suffixes])
    theirs, longer = timed(lambda: [_slope(model, own, one) for one in suffixes])
    apart = max(np.abs(a - b).max() for a, b in zip(ours, theirs, strict=True))
    task = "20 suffixes of ten words, 12 wishes, the slope by one-hot rows"
    yield Row(
        task,
        "mean size of a slope",
        float(np.abs(ours).mean()),
        seconds,
        "llm-attacks, by its formulae",
        float(np.abs(theirs).mean()),
        longer,
        "equal",
        slack=1e-5,
        apart=float(apart),
    )
    drawn, seconds = timed(lambda: _ours(ours, suffixes))
    wanted, longer = timed(lambda: [_best(one) for one in theirs])
    places = np.arange(COUNT) * LENGTH // COUNT
    inside = [
        np.mean([one[i, place] in best[place] for i, place in enumerate(places)])
        for one, best in zip(drawn, wanted, strict=True)
    ]
    yield Row(
        f"the same, {COUNT} candidates among the {TOP} most negative",
        "share that theirs could draw",
        float(np.mean(inside)),
        seconds,
        "llm-attacks, by its formulae",
        1.0,
        longer,
        "equal",
    )


def _ours(slopes: list[np.ndarray], suffixes: list[np.ndarray]) -> list[np.ndarray]:
    return [
        jailbreak.candidates(slope, suffix, count=COUNT, top=TOP, seed=0)
        for slope, suffix in zip(slopes, suffixes, strict=True)
    ]


def _best(slope: np.ndarray) -> list[set[int]]:
    """Their top indices, with what is not allowed at infinity."""
    grad = torch.from_numpy(slope.copy())
    banned = np.setdiff1d(np.arange(slope.shape[1]), ALLOWED)
    grad[:, banned] = torch.inf
    return [set(row.tolist()) for row in (-grad).topk(TOP, dim=1).indices]


def _slope(
    model: models.Language, own: list[jailbreak.Wish], suffix: np.ndarray
) -> np.ndarray:
    """Their gradient by the one-hot rows of the suffix, wish by wish."""
    w = {name: torch.from_numpy(v.copy()) for name, v in model.weights().items()}
    words, total = ORDERS.vocabulary, np.zeros((len(suffix), model.words))
    for one in own:
        head, mark = words.tokens(one.before), words.tokens("=")
        answer = np.append(words.tokens(one.answer), 0)
        ids = torch.from_numpy(np.concatenate([head, suffix, mark, answer]))
        at = slice(len(head), len(head) + len(suffix))
        hot = torch.nn.functional.one_hot(ids[at], model.words).float()
        hot.requires_grad_()
        rows = w["words"][ids]
        seen = torch.cat([rows[: at.start], hot @ w["words"], rows[at.stop :]])
        x = (seen + w["places"][: len(ids)])[None]
        passed = transformer.hidden(w, x, heads=model.heads, layers=model.layers)
        logits = transformer.logits(w, passed)[0]
        first = len(ids) - len(answer)
        loss = torch.nn.CrossEntropyLoss()(logits[first - 1 : -1], ids[first:])
        (slope,) = torch.autograd.grad(loss, [hot])
        total += slope.double().numpy()
    return total / len(own)
