"""Which altered model do golden rows notice, and which check refuses which file?"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from foible.arrays import Bools, Ints
from foible.data import Dataset
from foible.defences.signing import releases
from foible.defences.signing.releases import Keys, Release, digest, verified
from foible.domains import Count, Seed
from foible.errors import ArtefactRefused, BadInput
from foible.evidence import Cell, DoseResponse, Matrix
from foible.judging import panel, sweep
from foible.models import Classifier


def judge_golden(
    model: Classifier,
    altered: Mapping[str, Sequence[Classifier]],
    rows: Dataset,
    *,
    counts: Sequence[Count],
    repeats: Count = 200,
    seed: Seed,
) -> DoseResponse:
    """Share of draws of golden rows that notice an altered model.

    Golden rows, `counts` in number, ascending, are drawn from `rows`. An attacker who
    has several altered models knows the golden rows: they are noticed only when all of
    theirs would be. A model that answers no row differently is BadInput.
    """
    if not 1 <= counts[0] <= counts[-1] <= len(rows):
        raise BadInput(f"got the counts {counts}; wanted 1 to {len(rows)}, ascending")
    random, truth = np.random.default_rng(seed), model.predict(rows.X)
    draws = np.array([random.permutation(len(rows)) for _ in range(repeats)])
    first = {}
    for name, models in altered.items():
        wrong = np.array([other.predict(rows.X) != truth for other in models])
        if not wrong.any(axis=1).all():
            raise BadInput(
                f"got a model of {name!r} that answers every row as the released one; "
                "wanted altered models; take more rows or leave it out"
            )
        first[name] = np.array([_first(one, draws) for one in wrong]).max(axis=0)
    return sweep(
        counts,
        lambda count: {name: places < count for name, places in first.items()},
        lines=dict.fromkeys(altered, "defence"),
        dose_name="golden rows",
        response_name="altered models noticed",
        units="draws",
    )


def _first(wrong: Bools, draws: Ints) -> Ints:
    """Place of the first altered row in each draw; past the end where there is none."""
    met = wrong[draws]
    return np.asarray(np.where(met.any(axis=1), met.argmax(axis=1), draws.shape[1]))


def judge_checks(release: Release, altered: bytes, old: Release) -> Matrix:
    """Which check refuses which substitute for the file of a release.

    One attacker puts an altered file in its place; one also makes anew all that lies
    beside it, with a key of their own; one puts back an old release of the same maker
    with all that lay beside it then, for a consumer who knows of the new one, or does
    not yet; and one has stolen the maker's key.
    """
    maker, stranger = Keys.new(), Keys.new()
    forged = Release(altered, release.version)

    def signed(what: Release, *, by: Keys = maker, heard: Release = release) -> _Offer:
        return _Offer(what, releases.sign(what, private=by.private), heard)

    honest = signed(release)
    accepted = partial(releases.accepted, public=maker.public)
    offers = {
        "as released": honest,
        "the file altered": honest._replace(release=forged, beside=release.artefact),
        "and all beside it": signed(forged, by=stranger),
        "an old release": signed(old),
        "the same, new unheard of": signed(old, heard=old),
        "signed with the stolen key": signed(forged),
    }
    checks: dict[str, Callable[[_Offer], bytes]] = {
        "digest beside": lambda o: verified(o.file, wanted=digest(o.beside or o.file)),
        "digest elsewhere": lambda o: verified(o.file, wanted=digest(o.heard.artefact)),
        "signed": lambda o: accepted(o.release, o.signature),
        "signed + version": lambda o: accepted(
            o.release, o.signature, newest=o.heard.version
        ),
    }

    def measure(offer: _Offer, check: Callable[[_Offer], bytes]) -> Cell:
        try:
            check(offer)
        except ArtefactRefused:
            return Cell("refused", "stopped")
        made = offer.release == release
        return Cell("accepted", "no attack" if made else "unnoticed")

    return panel(offers, checks, measure, corner="what is offered")


class _Offer(NamedTuple):
    """What a consumer is offered, and the newest release that they have heard of."""

    release: Release
    signature: bytes
    heard: Release
    beside: bytes = b""  # the file whose digest lies beside this one; its own if empty

    @property
    def file(self) -> bytes:
        return self.release.artefact
