"""What may leave the house: how is a model or an update released so that it says less?

Each defence gives back the kind of thing that it was given: a model without the rows
that it does not need, weights with noise of a stated size, an update that is clipped
and noised. Arrays that a file keeps for nothing go by `artefacts.blanked`.
"""

from dataclasses import dataclass, replace

import numpy as np
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LogisticRegression, Ridge

from foible.arrays import Floats, with_one
from foible.data import Dataset
from foible.domains import Amount, Count, Epsilon, Positive, Seed
from foible.errors import BadInput
from foible.models import Network, Recipe, Update, network
from foible.models._checks import paired

# ---------------------------------------------------------------- the rows


def linear(model: KernelRidge) -> Ridge:
    """A kernel regression with a linear kernel, as weights instead of rows.

    The answers are the same: a sum over rows of products with the new row is one
    product with a sum. For another kernel there are no such weights.
    """
    if model.kernel != "linear":
        raise BadInput(f"got the kernel {model.kernel!r}; wanted linear")
    plain = Ridge(fit_intercept=False)
    plain.coef_, plain.intercept_ = model.X_fit_.T @ model.dual_coef_, 0.0
    plain.n_features_in_ = model.n_features_in_
    return plain


# ---------------------------------------------------------------- the weights


def bounded(rows: Dataset, *, most: Positive) -> Dataset:
    """The rows, each shortened to a length of 1 after division by `most`.

    That length is public, and to be chosen without looking at these rows.
    """
    X = rows.X / most
    return replace(rows, X=X / np.maximum(np.linalg.norm(X, axis=1), 1)[:, None])


@dataclass(frozen=True, kw_only=True)
class OutputPerturbed(Recipe):
    """Makes logistic regressions with noise on their weights, each ε-private.

    Output perturbation [chaudhuri2011differentially]. With rows of length 1 at most and
    the bias penalised like the weights, exchanging one row and its label moves the
    minimum of the summed loss plus `strength` / 2 times the squared weights by at most
    2 / `strength`. The noise has a random direction and a length from the gamma
    distribution with shape d + 1 and that scale divided by ε.

    Parameters
    ----------
    strength : float
        Of the penalty, above 0.
    epsilon : float
        Privacy loss of one release, above 0; infinity for no noise.
    """

    strength: Positive
    epsilon: Epsilon

    def __call__(self, rows: Dataset, *, seed: Seed) -> Network:
        """One model, its weights released once."""
        paired([rows], [seed])
        if len(rows.classes) != 2 or np.linalg.norm(rows.X, axis=1).max() > 1 + 1e-9:
            raise BadInput("got other rows; wanted two classes and lengths up to 1")
        d = rows.X.shape[1]
        model = LogisticRegression(
            C=1 / self.strength,
            fit_intercept=False,
            solver="newton-cholesky",
            tol=1e-10,
        ).fit(with_one(rows.X) / np.sqrt(2), rows.y)  # lengths up to 1
        rng = np.random.default_rng(seed)
        way = rng.standard_normal(d + 1)
        length = rng.gamma(d + 1, 2 / (self.strength * self.epsilon))
        weight = model.coef_[0] + length * way / np.linalg.norm(way)
        halves = np.array([-0.5, 0.5]) / np.sqrt(2)
        return Network(((weight[:d, None] * halves, weight[d] * halves),))


# ---------------------------------------------------------------- the update


def clipped(update: Update, *, most: Positive) -> dict[str, Floats]:
    """The same update, shortened to a length of `most` over all its weights."""
    length = np.sqrt(sum(np.sum(values**2) for values in update.values()))
    share = most / max(length, most)
    return {key: values * share for key, values in update.items()}


def noised(update: Update, *, scale: Amount, seed: Seed) -> dict[str, Floats]:
    """The same update with Gaussian noise on every number [abadi2016deep].

    The standard deviation of the noise is `scale`.
    """
    if not scale >= 0:
        raise BadInput(f"got noise of scale {scale}; wanted 0 or more")
    rng = np.random.default_rng(seed)
    return {
        key: values + rng.normal(0, scale, values.shape)
        for key, values in update.items()
    }


@dataclass(frozen=True, kw_only=True)
class Shared(Recipe):
    """Makes networks from clients' updates, each of one row, `clipped` and `noised`.

    Parameters
    ----------
    hidden : int
        Width of the hidden layer.
    rounds, cohort : int
        Rounds, and clients asked in each.
    rate : float
        How far the server follows the mean of what was sent.
    most, scale : float
        Length that an update is clipped to, and noise on every number of it.
    """

    hidden: int = 64
    rounds: Count = 200
    cohort: Count = 32
    rate: Positive = 1.0
    most: Positive = 1.0
    scale: Amount = 0.0

    def __call__(self, rows: Dataset, *, seed: Seed) -> Network:
        """One network."""
        rng = np.random.default_rng(seed)
        model = network(hidden=self.hidden, steps=1, rate=1e-9)(rows, seed=seed)
        for _ in range(self.rounds):
            chosen = rng.permutation(len(rows))[: self.cohort]
            X, y = rows.X[chosen], rows.y[chosen]
            kept = self.most / np.maximum(model.slope_lengths(X, y), self.most)
            # The clients' noises add up: that of their mean is drawn at once.
            scale = self.scale / np.sqrt(self.cohort)
            mean = model.slope(X, y, counts=kept)
            mean = noised(mean, scale=scale, seed=int(rng.integers(2**31)))
            weights = {
                key: weight - self.rate * mean[key]
                for key, weight in model.weights().items()
            }
            model = model.with_weights(weights)
        return model
