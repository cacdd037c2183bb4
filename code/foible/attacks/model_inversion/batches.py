"""Which rows does a batch's update tell, when they are not looked for one by one?

The slope by the first layer's weights, with that by its biases below it, is a product
of two tables: the rows of the batch, each with a 1, and what each row sends back to
each unit. So its rank is at most the number of rows, and a unit that a row leaves dark
gets nothing from it: what a row sends back has noughts, and is told from mixtures by
them [dimitrov2024spear].
"""

import numpy as np

from foible.arrays import Bools, Floats, finite_rows
from foible.attacks.model_inversion.updates import rows_from_update
from foible.domains import Count, Seed
from foible.models import Network, Sent, Update, as_network

NOUGHT = 1e-6
"""Below this share of the largest value, a value counts as nought."""
AT_ONCE = 100
"""Guesses that are mended together."""


def rows_sampled(sent: Sent, model: Network, *, tries: Count, seed: Seed) -> Floats:
    """The rows of a batch from noughts that are met by chance [dimitrov2024spear].

    Of what the units got, every mixture that is nought at one unit fewer than there are
    rows is what a single row sent, if that row left those units dark. Units are drawn,
    and what cannot be a single row's is dropped. All rows come back, or none.

    Parameters
    ----------
    sent : mapping of str to ndarray
        The slope of the batch's mean loss.
    model : Network
        Of two layers: what the server sent out.
    tries : int
        How often units are drawn.

    Returns
    -------
    ndarray of shape (n, d)
    """
    slopes, rng = _slopes(sent, model), np.random.default_rng(seed)
    basis = _basis(slopes)
    found = basis[:0]
    for start in range(0, tries, 10 * AT_ONCE):
        if len(found) == len(basis):
            break
        drawn = _silent(basis, min(10 * AT_ONCE, tries - start), rng)
        found = _added(found, drawn, model)
    return _rows(slopes, found, basis)


def rows_from_batch(
    sent: Sent, model: Network, own: Floats, *, tries: Count, seed: Seed
) -> Floats:
    """The rows of a batch, for a server that uses all that it has.

    First, rows that lit a unit alone are taken out of the update, one after another:
    with a row and its label, a server knows all that it sent. Then it guesses that a
    hidden row lights the units that one of the server's own does, and mends the guess
    until what is sent back fits the layer behind. What is left comes back whole or not
    at all.

    Parameters
    ----------
    sent, model
        As `rows_sampled`.
    own : ndarray of shape (m, d)
        Rows of the server's own, of the same kind.
    tries : int
        How many guesses are mended.
    """
    slopes = _slopes(sent, model)
    alone, slopes = _peeled(slopes, model, slopes[:0])
    basis, rng = _basis(slopes), np.random.default_rng(seed)
    weight, bias = model.layers[0]
    lit = finite_rows(own, width=len(weight)) @ weight + bias > 0
    found = basis[:0]
    if len(basis) + len(_behind(model)) >= _live(basis).sum():
        tries = 0  # every guess would fit
    for start in range(0, tries, AT_ONCE):
        if len(found) >= len(basis) - 1:
            break
        guesses = lit[rng.integers(len(lit), size=min(AT_ONCE, tries - start))]
        found = _added(found, _mended(basis, guesses, model), model)
    last, slopes = _peeled(slopes, model, found)
    return np.vstack([alone, last, _rows(slopes, found, _basis(slopes))])


def _slopes(sent: Update, model: Network) -> Floats:
    """The first layer's slopes, weights above biases, scaled, shape (d + 1, units)."""
    as_network(model, least=2, most=2)
    slopes = np.vstack([sent["weight_0"], sent["bias_0"]]).astype(np.float64)
    return np.asarray(slopes / max(float(np.linalg.norm(slopes, 2)), 1e-300))


def _basis(slopes: Floats) -> Floats:
    """Mixtures of what the rows sent, of shape (rank, units), at right angles."""
    _, sizes, ways = np.linalg.svd(slopes, full_matrices=False)
    return np.asarray(ways[sizes > 1e-10])


def _live(basis: Floats) -> Bools:
    """The units to which any row sent something."""
    return np.asarray(abs(basis).max(axis=0, initial=0) > NOUGHT)


def _rows(slopes: Floats, found: Floats, basis: Floats) -> Floats:
    """The rows behind slopes, if what each of them sent back is known up to scale."""
    if not len(basis) or len(found) < len(basis):
        return np.empty((0, len(slopes) - 1))
    rows = slopes @ np.linalg.pinv(found)
    return np.asarray((rows[:-1] / rows[-1]).T)


# ---------------------------------------------------------------- what a row sends back


def _behind(model: Network) -> Floats:
    """What the second layer can ask of the first's units, of shape (k - 1, units)."""
    weight = model.layers[1][0]
    centred = weight - weight.mean(axis=1, keepdims=True)  # asks sum to nought
    return np.asarray(np.linalg.svd(centred, full_matrices=False)[0].T[:-1])


def _silent(basis: Floats, tries: int, rng: np.random.Generator) -> Floats:
    """Mixtures that are nought at units drawn by chance, of shape (tries, units)."""
    rank = len(basis)
    live = np.flatnonzero(_live(basis))
    order = np.argsort(rng.random((tries, len(live))), axis=1)[:, : rank - 1]
    drawn = basis.T[live[order]]
    last = rng.standard_normal((tries, 1, rank))
    system = np.concatenate([drawn, last], axis=1)
    system = system + 1e-12 * rng.standard_normal(system.shape)  # never quite singular
    ends = np.eye(rank)[-1][:, np.newaxis]
    return np.asarray(np.linalg.solve(system, ends)[:, :, 0] @ basis)


def _mended(basis: Floats, lit: Bools, model: Network, steps: int = 25) -> Floats:
    """Mixtures that are nearly nought, or what the layer behind asks, at every unit.

    Parameters
    ----------
    lit : ndarray of shape (tries, units)
        For each guess the units at which it begins as the second.
    """
    live, rank = _live(basis), len(basis)
    size = np.linalg.norm(basis[:, live], axis=0)
    mix, ask = basis[:, live].T, -_behind(model)[:, live].T
    mix, ask, lit = mix / size[:, None], ask / size[:, None], lit[:, live]
    weight = np.ones(lit.shape)
    ways = np.asarray(np.linalg.eigh(_left(mix, ask, lit, weight))[1][:, :, 0])
    for step in range(steps):
        sent = ways[:, :rank] @ mix.T
        gap = sent + ways[:, rank:] @ ask.T
        lit = abs(gap) < abs(sent)
        off = np.minimum(abs(gap), abs(sent))
        floor = max(0.3 * 0.7**step, 1e-6) * abs(sent).mean(axis=1, keepdims=True)
        weight = (off**2 + floor**2 + 1e-30) ** -0.5
        weight /= weight.max(axis=1, keepdims=True)
        ways = _smaller(_left(mix, ask, lit, weight), ways)
    return np.asarray(ways[:, :rank] @ basis)


def _left(mix: Floats, ask: Floats, lit: Bools, weight: Floats) -> Floats:
    """For each guess what a mixture and a question leave, as a square form."""
    both = np.hstack([mix, ask])
    rank, width = mix.shape[1], both.shape[1]
    products = both[:, :, np.newaxis] * both[:, np.newaxis]
    whole = (weight * lit) @ products.reshape(len(both), -1)
    whole = whole.reshape(-1, width, width)
    dark = (weight * ~lit) @ products[:, :rank, :rank].reshape(len(both), -1)
    whole[:, :rank, :rank] += dark.reshape(-1, rank, rank)
    return np.asarray(whole)


def _smaller(forms: Floats, ways: Floats) -> Floats:
    """For each square form a way that it makes smaller than it does this one."""
    forms = forms + 1e-13 * np.eye(forms.shape[1])
    less = np.linalg.solve(forms, ways[:, :, np.newaxis])[:, :, 0]
    return np.asarray(less / np.linalg.norm(less, axis=1, keepdims=True))


def _added(found: Floats, drawn: Floats, model: Network) -> Floats:
    """What was found, and those of the drawn that a single row can have sent.

    A single row sends nought, or at all units together what the layer behind asks.
    """
    behind, drawn = _behind(model), drawn[abs(drawn).max(axis=1) > 1e-12]
    drawn = drawn / abs(drawn).max(axis=1, keepdims=True)
    lit = abs(drawn) > NOUGHT
    for one, units in zip(drawn, lit, strict=True):
        if not 0 < units.sum() < len(one):
            continue
        ask = np.linalg.lstsq(behind[:, units].T, one[units], rcond=None)[0]
        if abs(ask @ behind[:, units] - one[units]).max() > NOUGHT:
            continue
        more = np.vstack([found, one * units / np.linalg.norm(one)])
        if np.linalg.matrix_rank(more, tol=1e-5) == len(more):
            found = more
    return found


# ---------------------------------------------------------------- one row after another


def _peeled(slopes: Floats, model: Network, apart: Floats) -> tuple[Floats, Floats]:
    """Rows that lit a unit alone, and the slopes without all that they sent.

    What other rows send, as far as it is known, is set `apart`, so that of all others
    but one the last is alone everywhere.
    """
    rows = np.empty((0, len(slopes) - 1))
    while 0 < len(basis := _basis(slopes)) < _live(basis).sum():  # else all fits
        others = slopes - slopes @ np.linalg.pinv(apart) @ apart
        biases = np.where(abs(others[-1]) > 1e-10, others[-1], 0)
        told = rows_from_update({"weight_0": others[:-1], "bias_0": biases})
        if not len(told):
            break
        sends = _sends(told, model)
        over = np.linalg.norm(sends - sends @ basis.T @ basis, axis=2)
        sizes = np.linalg.norm(sends, axis=2)
        over = np.where(sizes > 1e-9, over / np.maximum(sizes, 1e-9), np.inf)
        best, label = np.unravel_index(np.argmin(over), over.shape)
        if over[best, label] > 1e-5:
            break
        row, sent = np.append(told[best], 1), sends[best, label]
        size = sent @ np.linalg.pinv(slopes, 1e-10) @ row
        slopes = slopes - np.outer(row, sent) / size  # lowers the rank
        rows = np.vstack([rows, told[best]])
    return rows, slopes


def _sends(rows: Floats, model: Network) -> Floats:
    """What rows send back to each unit with each label, of shape (n, k, units)."""
    (weight, bias), (after, _) = model.layers
    told = model.predict_proba(rows)
    asks = told[:, np.newaxis] - np.eye(told.shape[1])
    return np.asarray(asks @ after.T * (rows @ weight + bias > 0)[:, np.newaxis])
