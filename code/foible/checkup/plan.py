"""Which checks are there, what is each a test of, and what does it not show?"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from foible.checkup import breaking, copying, hiding, moving, remembering
from foible.checkup.found import Found
from foible.checkup.subject import Subject
from foible.domains import Amount
from foible.threat import Hazard, Threat

Work: TypeAlias = Callable[[Subject, int], Found]


@dataclass(frozen=True)
class Planned:
    """A check that may be made; its words are those of `Check`.

    Parameters
    ----------
    work : callable
        Takes the subject and a seed to what is found; what does not fit is BadInput.
    time, asked : float
        How much of the time and of the questions it gets, beside the others.
    """

    name: str
    title: str
    who: Threat | Hazard
    work: Work
    tried: str
    strength: str
    against: str
    counts: str
    limits: str
    time: Amount = 1.0
    asked: Amount = 1.0


NOISE = f"noise of {breaking.NOISE:g} standard deviations in each column"
PLAN = (
    Planned(
        "groups",
        "Who gets the wrong answers",
        Hazard(
            "incomplete_testing",
            promises="to be about as right for each group as for all",
            breaks="errors gather in a group that nobody looked at",
        ),
        breaking.grouped,
        "a group for each value of a column with few, quarters of every other",
        f"groups of {breaking.LEAST} rows or more",
        "wrong answers in all rows",
        "wrong answers in the group that stands out most",
        "Groups of two columns together, groups that no column names, and whether the "
        "labels are right. The group was chosen for its errors: its share is too high "
        "by that choice, which the shuffles and the interval know.",
    ),
    Planned(
        "noise",
        "Measurements that are a little off",
        Hazard(
            "corruption",
            promises="to answer alike if a measurement is a little off",
            breaks="sensors drift, people round, units differ",
        ),
        breaking.noisy,
        "normal noise on every column of numbers, drawn once",
        NOISE,
        "no noise",
        "right answers lost",
        "Errors that come together, and numbers that are wrong by a unit or a sign.",
    ),
    Planned(
        "missing",
        "Values that are missing",
        Hazard(
            "corruption",
            promises="to answer where a value is missing",
            breaks="a form is not filled in, or a sensor is silent",
        ),
        breaking.missing,
        "a tenth of the cells, drawn evenly, are missing",
        f"{breaking.HOLES:.0%} of the cells",
        "nothing missing",
        "right answers lost",
        "Values that are missing for a reason, which is how they mostly are.",
    ),
    Planned(
        "corruption",
        "Pictures that get worse",
        Hazard(
            "corruption",
            promises="to read a picture that a person still reads",
            breaks="light, lens, sensor or file make it worse",
        ),
        breaking.corrupted,
        "twelve changes of the light, the lens, the sensor and the file, one by one",
        f"{breaking.MIDDLE} of the strengths 1 to 5",
        "the median of the twelve",
        "right answers lost to the worst of the twelve",
        "Changes beyond these twelve, and several at once. The worst was chosen on the "
        "same rows: its share is a little too high by that choice, which the interval "
        "knows.",
        time=2,
        asked=2,
    ),
    Planned(
        "membership",
        "Who was among its training rows",
        Threat(
            "membership_inference",
            wants="to know whether a row was used for training",
            knows="the row and its label, and what the model answers",
            controls="nothing",
            asks="each row once, or some blurred copies of it where labels are all",
        ),
        remembering.members,
        "a threshold on what the model says of the row's own label",
        "no shadow models",
        "guessing",
        "members found at few false alarms",
        "What the stronger attack finds: LiRA compares with shadow models, for which "
        "it needs the recipe, models.recipe(make); this is no more than a first look.",
        time=2,
        asked=2,
    ),
    Planned(
        "stealing",
        "A copy, bought with questions",
        Threat(
            "model_stealing",
            wants="a copy that answers alike",
            knows="rows of the same kind, without labels",
            controls="what is asked",
            asks=f"{copying.QUESTIONS:,} questions at most",
        ),
        copying.stolen,
        "a copy taught by the answers",
        f"{copying.QUESTIONS:,} questions at most",
        "a copy that learned the true labels of the same rows and asked nothing",
        "answers on which the copy agrees, of rows that it never asked",
        "What more questions buy, and a thief who knows how the model was made.",
        time=2,
        asked=2,
    ),
    Planned(
        "evasion",
        "Rows moved by who has the model",
        Threat(
            "evasion",
            wants="another answer than the right one",
            knows="the model itself, its weights or its trees",
            controls="the row, within the radius",
            asks="nothing: it computes",
        ),
        moving.white,
        "the strongest attack that fits the model",
        "a radius by the spread of the data",
        "noise of the same size",
        "right answers turned",
        "Larger changes, and changes of another kind; and where it is no exact attack, "
        "that a row withstands: only that this attack did not turn it.",
        time=5,
    ),
    Planned(
        "evasion_by_asking",
        "Rows moved by who may only ask",
        Threat(
            "evasion",
            wants="another answer than the right one",
            knows="nothing of the model but its answers",
            controls="the row, within the radius",
            asks="as many questions for each row as are stated",
        ),
        moving.asking,
        "Square where scores are told, HopSkipJump where labels are",
        "a radius by the spread of the data",
        "noise of the same size",
        "right answers turned",
        "What more questions find, and rows carried over from a copy of the model. "
        "Scores that move in steps, as those of trees do, hide the way from Square.",
        time=4,
        asked=8,
    ),
    Planned(
        "backdoor",
        "A trigger that it may hide",
        Threat(
            "backdoor",
            wants="a stamp that leads every image to one class",
            knows="how to get at the training rows or the weights",
            controls="some of them",
            asks="nothing",
        ),
        hiding.hidden,
        "Neural Cleanse: the smallest stamp that leads to each class",
        "25 rounds of 5 steps, all classes at once; an anomaly above 2 alarms",
        "a model without a trigger, of which none should alarm",
        "classes whose stamp is unusually small",
        "Triggers that are no stamp, or large, or lead only some classes astray: the "
        "chapter has one written by hand that this does not see. And an alarm is no "
        "proof: where the stamps of a clean model differ by chance, one may alarm too.",
        time=5,
    ),
)
NAMES = tuple(one.name for one in PLAN)
UNTRIED = {
    "poisoning": "needs the training: rows that somebody slips in",
    "model_inversion": "needs the recipe, or all rows but one",
    "rows_in_files": "needs the file: what an estimator keeps of its rows",
    "supply_chain": "needs the file, and the way on which it came",
    "distribution_shift": "needs rows from another time or place",
    "reprogramming": "needs a task of the attacker's own",
    "physical_patch": "needs the thing before the camera",
}
"""What is not tried, by the stem of its chapter, and what it would need."""
