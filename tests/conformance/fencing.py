"""Fences and the attacks on them: one row for each that draws or searches."""

from promises import Row

from foible import data, models
from foible.defences import fencing
from foible.language import prompt_injection
from foible.language.prompt_injection import Trial

ORDERS = data.Orders(marks=fencing.MARKS)
ASKED = fencing.requests(ORDERS, 12, changing=0.0, seed=0)
ONE = fencing.one_channel(ORDERS.vocabulary)
RECIPE = models.language(width=8, layers=1, heads=2, context=40, steps=2, batch=4)
MODEL = RECIPE(fencing.lessons(ASKED, ORDERS, ONE), seed=0)
TRIAL = Trial(MODEL, ONE, ASKED[:3], ORDERS, "orcish")


def searching(name, how):
    return Row(
        f"prompt_injection.{name}",
        lambda: {"words": ["in", "orcish", ":"], "length": 2, "tries": 7},
        lambda *, seed, **settings: how(TRIAL, seed=seed, **settings),
        kept=lambda inputs, made: made.tried == 7 and len(made.words) == 2,
        refused={
            "no words": {"words": []},
            "of no length": {"length": 0},
            "nothing tried": {"tries": 0},
        },
    )


ROWS = [
    Row(
        "fencing.distrusting",
        lambda: {"asked": ASKED, "share": 0.5},
        lambda *, seed, asked, share: fencing.distrusting(
            asked, ORDERS, share=share, seed=seed
        ),
        nought={"share": 0.0},
        nothing=lambda inputs, taught: taught == inputs["asked"],
        refused={"more than all": {"share": 1.5}},
    ),
    Row(
        "fencing.lessons",
        lambda: {"asked": ASKED},
        lambda *, seed, asked: [*fencing.lessons(asked, ORDERS, ONE)],
        refused={"nobody": {"asked": []}},
    ),
    Row(
        "fencing.requests",
        lambda: {"n": 5, "changing": 0.5},
        lambda *, seed, n, changing: fencing.requests(
            ORDERS, n, changing=changing, seed=seed
        ),
        refused={"none": {"n": 0}, "more than all": {"changing": 2.0}},
    ),
    searching("searched", prompt_injection.searched),
    searching("luckiest", prompt_injection.luckiest),
]
