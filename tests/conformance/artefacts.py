"""Model files: one row a loader, which gives a model or refuses."""

import numpy as np
from promises import Row
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from foible import artefacts
from foible.artefacts import LOADERS
from foible.errors import ArtefactRefused

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(100, 3))
FOREST = RandomForestClassifier(2, max_depth=3, random_state=0).fit(X, X[:, 0] > 0)


def loader(name):
    form = LOADERS[name].form
    file = artefacts.dump(FOREST, form=form)
    other = "npz" if form in {"pickle", "joblib"} else "pickle"

    def answered(*, artefact, seed):
        return artefacts.load(artefact, loader=name).predict_proba(X)

    return Row(
        f"artefacts.load, {name}",
        lambda: {"artefact": file},
        answered,
        refused={
            "nothing": {"artefact": b""},
            "a text": {"artefact": b"a letter, and no model"},
            "half a file": {"artefact": file[: len(file) // 2]},
            "a file without its end": {"artefact": file[:-9]},
            "another format": {"artefact": artefacts.dump(FOREST, form=other)},
        }
        | (
            {
                "another model": {
                    "artefact": artefacts.dump(LogisticRegression(), form=form)
                }
            }
            if form in {"pickle", "joblib", "skops"}
            else {}
        ),
    )


def damaged(name):
    """What a loader makes of files of which a few bytes are others."""
    file = artefacts.dump(FOREST, form=LOADERS[name].form)

    def opened(*, artefact, spots, seed):
        ends = []
        for spot in spots:
            broken = bytearray(artefact)
            broken[spot] ^= 255
            try:
                ends.append(type(artefacts.load(bytes(broken), loader=name)))
            except ArtefactRefused:
                ends.append(None)
        return ends

    return Row(
        f"artefacts.load, {name}, damaged",
        lambda: {
            "artefact": file,
            "spots": [int(share * len(file)) for share in np.linspace(0, 0.99, 12)],
        },
        opened,
        kept=lambda inputs, ends: set(ends) <= {RandomForestClassifier, None},
    )


BLANKED = Row(
    "artefacts.blanked",
    lambda: {"artefact": artefacts.dump({"rows": X}), "places": ["['rows']"]},
    lambda *, artefact, places, seed: artefacts.blanked(artefact, *places),
    nought={"places": []},
    nothing=lambda inputs, clean: clean == inputs["artefact"],
    kept=lambda inputs, clean: len(clean) == len(inputs["artefact"]),
    refused={
        "no such place": {"places": ["elsewhere"]},
        "no file": {"artefact": b""},
    },
)
ROWS = [BLANKED, *(make(name) for name in LOADERS for make in (loader, damaged))]
