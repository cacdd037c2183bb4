"""Whose code has run, when somebody has installed a package and used it?

Each trial is a world of its own in a temporary folder, with names that are drawn. Of
the payloads only a marker file is seen.
"""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from foible.attacks.dependency.offers import Seal
from foible.attacks.dependency.searching import first_past
from foible.attacks.dependency.worlds import (
    AFTERWARDS,
    ATTACKS,
    MADE_FOR,
    OPEN,
    WAYS,
    WISHES,
    Attack,
    World,
    drawn,
    version,
)
from foible.checks import counts
from foible.defences import installing, signing
from foible.defences.installing import Controls, Pip, by_record, by_wheels
from foible.domains import Count, Seed
from foible.errors import ArtefactRefused
from foible.evidence import Cell, Matrix, Outcome
from foible.judging import counted

LAB = 10_000
"""How far the seeds of the attacker's own trials lie from those that are judged."""
BOTH = ("all", "all, wheels")


class End(NamedTuple):
    """Whether the attacker's code has run, and whether the program has ended well."""

    harm: bool
    well: bool


def judge_controls(*, trials: Count, seed: Seed) -> Matrix:
    """In how many trials the attacker's code runs, for each attack and control."""
    columns = ["none", *WAYS][:-1]
    return _table(ATTACKS, columns, trials=trials, seed=seed, corner="the attack")


def judge_tampering(*, trials: Count, seed: Seed) -> Matrix:
    """In how many trials a change of what is installed gets past each check."""
    columns = ["none", *BOTH]
    return _table(AFTERWARDS, columns, trials=trials, seed=seed, corner="the change")


def judge_wishes(*, trials: Count, seed: Seed) -> Matrix:
    """In how many trials an honest program starts, for each wish and control."""
    columns = ["none", *WAYS][:-1]
    return _table(
        WISHES, columns, trials=trials, seed=seed, corner="what is wanted", honest=True
    )


def judge_requirements(
    requirements: Sequence[str], *, trials: Count, seed: Seed
) -> Matrix:
    """What gets past a list of requirements, each a line, and past one with digests.

    All comes from one index, in which anybody may publish.
    """
    columns = [f"one index, {installing.strictest(requirements)}", "one index, hashes"]
    names = dict(zip(columns, ["as it is", "with hashes"], strict=False))
    found = _table(OPEN, list(names), trials=trials, seed=seed, corner="the attack")
    return replace(found, columns=list(names.values()))


def judge_knowing(*, trials: Count, seed: Seed) -> Matrix:
    """What gets past each control that its attacker knows, and what stops that.

    The attacker tries all `WAYS` in a lab with names of their own and takes the first
    that works there; it is judged on `trials` other names: against the control alone,
    against all, and against all with `by_wheels` in the place of `by_record`.
    """
    fresh = range(seed, seed + trials)
    with installing.pip() as pip:
        rows = [_knowing(control, fresh, pip) for control in WAYS]
    names = ["who knows it", "behind all", "and wheels", "found"]
    return Matrix(list(WAYS), names, rows, corner="the control")


def _knowing(control: str, fresh: Sequence[int], pip: Pip) -> list[Cell]:
    """The row of one control."""
    ways, meant = WAYS[control], ATTACKS[MADE_FOR[control]]

    def lab(way: str) -> bool:
        return _met(ways[way], [control], seed=fresh[0] + LAB, pip=pip)[control].harm

    found = first_past(ways, lab)
    attack, columns = ways.get(found, meant), list(dict.fromkeys([control, *BOTH]))
    ends = [_met(attack, columns, seed=s, pip=pip) for s in fresh]
    then = [[one[name] for one in ends] for name in (control, *BOTH)]
    return [*map(_harmed, then), Cell(found or "nothing")]


def _table(
    attacks: Mapping[str, Attack],
    columns: Sequence[str],
    *,
    trials: int,
    seed: int,
    corner: str,
    honest: bool = False,
) -> Matrix:
    """Every attack in so many worlds, under every control."""
    counts(trials=trials)
    told = _started if honest else _harmed
    cells = []
    with installing.pip() as pip:
        for attack in attacks.values():
            ends = [
                _met(attack, columns, seed=seed + trial, pip=pip)
                for trial in range(trials)
            ]
            cells.append([told([one[name] for one in ends]) for name in columns])
    return Matrix(list(attacks), columns, cells, corner=corner)


def _harmed(ends: Sequence[End]) -> Cell:
    harms = [end.harm for end in ends]
    return counted(harms, "harm" if any(harms) else "stopped", form="{hits}/{n}")


def _started(ends: Sequence[End]) -> Cell:
    well = [end.well for end in ends]
    outcome: Outcome = "no attack" if all(well) else "unnoticed"
    return counted(well, outcome, form="{hits}/{n}")


# ---------------------------------------------------------------- one world


def _controls_of(world: World) -> dict[str, Controls]:
    """Each control by itself, and all together, by what the index offers now."""
    newest = world.offered()[-1]
    content = newest.read_bytes()
    pinned = Controls(pin=version(newest))
    exact = replace(pinned, hashes=(hashlib.sha256(content).hexdigest(),))
    keys = {world.project.name: world.maker.key}
    everything = replace(
        exact,
        one_index=True,
        wheels_only=True,
        keys=keys,
        check=by_record,
        safe_path=True,
    )
    return {
        "none": Controls(),
        "==": pinned,
        "one index": Controls(one_index=True),
        "hashes": exact,
        "only wheels": Controls(wheels_only=True),
        "signature": Controls(keys=keys),
        "RECORD": Controls(check=by_record),
        "python -P": Controls(safe_path=True),
        "one index, none": Controls(one_index=True),
        "one index, ==": replace(pinned, one_index=True),
        "one index, hashes": replace(exact, one_index=True),
        "all": everything,
        "all, wheels": replace(everything, check=by_wheels, meant=(content,)),
    }


def _met(
    attack: Attack, columns: Sequence[str], *, seed: int, pip: Pip
) -> dict[str, End]:
    """How it ends in one world, under each of some controls.

    Controls that install alike share one installation: what they do after it changes
    nothing there.
    """
    with _world(seed) as world:
        before = _controls_of(world)
        name = attack.publish(world)
        held = _controls_of(world) if attack.early else before
        if attack.beside:
            attack.beside(world.program.parent, world.project, world.payload)
        ends: dict[str, End] = {}
        for place, group in enumerate(_alike(held, columns)):
            folder = world.folder / f"consumer{place}"
            ends |= _consumed(world, attack, name, group, folder, pip)
        return ends


def _consumed(
    world: World,
    attack: Attack,
    name: str,
    group: Mapping[str, Controls],
    folder: Path,
    pip: Pip,
) -> dict[str, End]:
    """One installation, and how it ends under each control that shares it.

    A start writes nothing there, so controls that start alike share one, too.
    """
    indexes, plain = [world.index, world.public], next(iter(group.values()))
    world.marker.unlink(missing_ok=True)
    try:
        made = installing.install(
            name, indexes=indexes, controls=plain, folder=folder, pip=pip
        )
    except ArtefactRefused:
        return dict.fromkeys(group, End(world.marker.exists(), False))
    if attack.installed:
        attack.installed(made.site, world.project, world.payload)
    built = world.marker.exists()

    @cache
    def started(safe: bool) -> End:
        world.marker.unlink(missing_ok=True)
        well = installing.start(world.program, made.site, safe_path=safe)
        return End(built or world.marker.exists(), well)

    def ended(controls: Controls) -> End:
        try:
            installing.inspect(name, made, controls=controls, verify=_verified)
        except ArtefactRefused:
            return End(built, False)
        return started(controls.safe_path)

    return {control: ended(controls) for control, controls in group.items()}


def _alike(
    held: Mapping[str, Controls], columns: Sequence[str]
) -> list[dict[str, Controls]]:
    """The controls in groups that install alike."""
    groups: dict[tuple[object, ...], dict[str, Controls]] = {}
    for name in columns:
        one = held[name]
        alike = one.pin, one.one_index, one.hashes, one.wheels_only
        groups.setdefault(alike, {})[name] = one
    return list(groups.values())


@contextmanager
def _world(seed: int) -> Iterator[World]:
    """A world in which nobody has attacked yet."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        yield World(folder, drawn(seed), _seal(), _seal(), seed).founded()


def _seal() -> Seal:
    keys = signing.Keys.new()
    return Seal(partial(_signature, keys=keys), keys.public)


def _signature(content: bytes, keys: signing.Keys) -> bytes:
    return signing.sign(signing.Release(content, 1), private=keys.private)


def _verified(content: bytes, signature: bytes, key: bytes) -> bytes:
    return signing.accepted(signing.Release(content, 1), signature, public=key)
