"""Who is attacked: a model, the rows it was made from, and how to make it again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from foible.data import Dataset, Texts
from foible.domains import Count, Natural, Seed
from foible.errors import BadInput
from foible.models import (
    Classifier,
    Language,
    LanguageRecipe,
    Model,
    Recipe,
    numbered,
    oracle,
    text_oracle,
    transport,
)
from foible.models.kinds import fitted, made
from foible.oracle import AnswerKind, Answers, Oracle, Transport


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

    BadInput: rows with classes, and a classifier that answers with others.
    """

    model: Model
    rows: Dataset
    recipe: Recipe
    seed: Seed

    def __post_init__(self) -> None:
        fitted(self.model)
        known = len(self.rows.classes)
        if known and isinstance(self.model, Classifier):
            names = numbered(self.model)
            if names.max() >= known:
                raise BadInput(
                    f"got a model with classes {names}; wanted those of {self.rows!r}"
                )

    @classmethod
    def trained(cls, recipe: Recipe, rows: Dataset, *, seed: Seed) -> "Victim":
        """A victim made from rows.

        BadInput: rows that the recipe cannot learn from.
        """
        return cls(recipe(rows, seed=seed), rows, recipe, seed)

    @classmethod
    def many(
        cls, recipe: Recipe, rows: Sequence[Dataset], *, seeds: Sequence[Seed]
    ) -> "list[Victim]":
        """As many victims, made side by side, the i-th from `rows[i]` with `seeds[i]`.

        BadInput: rows that the recipe cannot learn from.
        """
        models = made(recipe, rows, seeds=seeds)
        return [
            cls(model, part, recipe, seed)
            for model, part, seed in zip(models, rows, seeds, strict=True)
        ]

    def retrained(self, rows: Dataset) -> "Victim":
        """The same recipe and seed on other rows."""
        return replace(self, model=self.recipe(rows, seed=self.seed), rows=rows)

    @property
    def transport(self) -> Transport:
        """The way to the model's probabilities; see `models.transport`."""
        return transport(self.model)

    @property
    def values(self) -> Transport:
        """The way to the model's plain numbers, such as logits."""
        return transport(self.model, answers="values")

    def oracle(
        self, *, budget: Natural | None = None, answers: Answers = "probabilities"
    ) -> Oracle:
        """The victim seen from outside, with a new account of queries; see `Oracle`."""
        return oracle(self.model, budget=budget, answers=answers)


@dataclass(frozen=True, eq=False)
class TextVictim:
    """A trained language model with all that its owner knows of it; never changed.

    As `Victim`, only a judge holds one.

    Parameters
    ----------
    model : Language
        What answers.
    texts : Texts
        What it was made from.
    recipe : LanguageRecipe
        How it was made.
    seed : int
        Of the chance in the making.
    """

    model: Language
    texts: Texts
    recipe: LanguageRecipe
    seed: Seed

    @classmethod
    def trained(
        cls, recipe: LanguageRecipe, texts: Texts, *, seed: Seed
    ) -> "TextVictim":
        """A victim made from texts; BadInput: texts that it cannot learn from."""
        return cls(recipe(texts, seed=seed), texts, recipe, seed)

    @classmethod
    def many(
        cls, recipe: LanguageRecipe, texts: Sequence[Texts], *, seeds: Sequence[Seed]
    ) -> "list[TextVictim]":
        """As many victims, the i-th from `texts[i]` with `seeds[i]`."""
        made = recipe.many(texts, seeds=seeds)
        return [
            cls(model, part, recipe, seed)
            for model, part, seed in zip(made, texts, seeds, strict=True)
        ]

    def retrained(self, texts: Texts) -> "TextVictim":
        """The same recipe and seed on other texts."""
        return replace(self, model=self.recipe(texts, seed=self.seed), texts=texts)

    def oracle(
        self,
        *,
        budget: Natural | None = None,
        answers: AnswerKind = "values",
        most: Count = 16,
        top: Count = 5,
        biased: bool = False,
    ) -> Oracle:
        """The victim seen from outside, with a new account; see `text_oracle`."""
        return text_oracle(
            self.model,
            budget=budget,
            answers=answers,
            most=most,
            top=top,
            biased=biased,
        )
