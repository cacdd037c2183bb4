"""Agents: one row for each that draws errands, plants, or searches."""

import numpy as np
from promises import Row

from foible import models
from foible.defences.vetting import Vetting
from foible.language import agents
from foible.language.agents import Trial

ASKED = agents.errands(6, kinds=("a bill", "a day"), seed=0)
RECIPE = models.language(width=8, layers=1, heads=2, context=52, steps=2, batch=4)
MODEL = RECIPE(agents.lessons(ASKED), seed=0)
TRIAL = Trial(MODEL, Vetting(lambda pairs: np.zeros(len(pairs))), ASKED[:2], 0)
BEGIN = ("now", agents.NAME, agents.SUM)


ROWS = [
    Row(
        "agents.errands",
        lambda: {"n": 5, "later": 0.5},
        lambda *, seed, n, **more: agents.errands(n, seed=seed, **more),
        refused={
            "none": {"n": 0},
            "more than all": {"later": 2.0},
            "of no kind": {"kinds": ["a loan"]},
        },
    ),
    Row(
        "agents.hijacks",
        lambda: {"asked": ASKED, "wordings": [agents.ORDER]},
        lambda *, seed, **more: agents.hijacks(seed=seed, **more),
        nought={"wordings": [()]},
        nothing=lambda inputs, met: [one.errand for one in met] == inputs["asked"],
        refused={
            "nobody": {"asked": []},
            "no wording": {"wordings": []},
            "nothing read": {"asked": agents.errands(1, kinds=["a sum"], seed=0)},
        },
    ),
    Row(
        "agents.searched",
        lambda: {"begins": [BEGIN], "tries": 20},
        lambda *, seed, **more: agents.searched(TRIAL, seed=seed, **more),
        kept=lambda inputs, found: found.tried == inputs["tries"],
        refused={"nothing tried": {"tries": 0}, "no slot": {"begins": [("now",)]}},
    ),
    Row(
        "agents.luckiest",
        lambda: {"begins": [BEGIN], "tries": 7},
        lambda *, seed, **more: agents.luckiest(TRIAL, seed=seed, **more),
        kept=lambda inputs, found: found.tried == 7 and len(found.wording) == 3,
        refused={"nothing tried": {"tries": 0}, "no slot": {"begins": [("now",)]}},
    ),
]
