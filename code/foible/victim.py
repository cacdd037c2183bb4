"""Who is attacked: a model, the rows it was made from, and how to make it again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from foible.arrays import Floats
from foible.data import Dataset
from foible.errors import BadInput
from foible.models import Classifier, Model, Recipe, probabilities, values
from foible.oracle import Answers, Oracle, Transport


@dataclass(frozen=True, eq=False)
class Victim:
    """A trained model with all that its owner knows of it; never changed.

    Only a judge holds one. An attacker is handed a part of it: an oracle, the rows
    they control, the file.

    Parameters
    ----------
    model : Classifier or Regressor
        What answers.
    rows : Dataset
        What it was made from.
    recipe : Recipe
        How it was made.
    seed : int
        Of the chance in the making.
    """

    model: Model
    rows: Dataset
    recipe: Recipe
    seed: int

    @classmethod
    def trained(cls, recipe: Recipe, rows: Dataset, *, seed: int) -> "Victim":
        """A victim made from rows.

        Raises
        ------
        BadInput
            Rows that the recipe cannot learn from.
        """
        return cls(recipe(rows, seed=seed), rows, recipe, seed)

    @classmethod
    def many(
        cls, recipe: Recipe, rows: Sequence[Dataset], *, seeds: Sequence[int]
    ) -> "list[Victim]":
        """As many victims, made side by side, the i-th from `rows[i]` with `seeds[i]`.

        Raises
        ------
        BadInput
            Rows that the recipe cannot learn from.
        """
        made = recipe.many(rows, seeds=seeds)
        return [
            cls(model, part, recipe, seed)
            for model, part, seed in zip(made, rows, seeds, strict=True)
        ]

    def retrained(self, rows: Dataset) -> "Victim":
        """The same recipe and seed on other rows."""
        return replace(self, model=self.recipe(rows, seed=self.seed), rows=rows)

    @property
    def transport(self) -> Transport:
        """The way to the model's probabilities, (n, d) to (n, k), and to nothing else.

        Column j is class j as the model names its columns; see `models.probabilities`.

        Raises
        ------
        BadInput
            The model gives no probabilities.
        """
        model = self.model
        if not isinstance(model, Classifier):
            raise BadInput(
                f"got a {type(model).__name__}, which gives no probabilities; wanted a "
                'classifier, or ask with answers="values"'
            )

        def answered(X: Floats) -> Floats:
            return probabilities(model, X)

        return answered

    @property
    def values(self) -> Transport:
        """The way to the model's plain numbers, (n, d) to (n, k), and to nothing else.

        See `models.values`: logits of a network, the prediction of a regressor.
        """
        model = self.model

        def answered(X: Floats) -> Floats:
            return values(model, X)

        return answered

    def oracle(
        self, *, budget: int | None = None, answers: Answers = "probabilities"
    ) -> Oracle:
        """An oracle: the victim seen from outside, with a new account of queries.

        Parameters
        ----------
        budget : int, optional
            How many queries may be asked in all; no limit if left out.
        answers : {"probabilities", "label", "values"}
            What is told of each row.
        """
        way = self.values if answers == "values" else self.transport
        return Oracle(way, budget=budget, answers=answers)
