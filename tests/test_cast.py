import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from foible import cast, data, models

ROLES = {
    "bank": cast.bank,
    "clinic": cast.clinic,
    "post office": cast.post_office,
    "road": cast.road,
}


@pytest.mark.parametrize("make", ROLES.values(), ids=ROLES)
def test_nobody_is_judged_by_rows_that_somebody_has_seen(make):
    role = make()

    parts = role.owned, role.aside, role.judged
    seen = [{row.tobytes() for row in part.X} for part in parts]
    repeated = sum(map(len, seen)) - len(set.union(*seen))
    assert repeated <= 0.002 * sum(map(len, seen))  # two customers may be alike
    assert min(map(len, parts)) >= 30


def test_a_role_is_made_by_its_recipe_from_what_it_owns():
    role = cast.clinic(recipe=models.softmax())

    victim = role.victim(seed=3)

    assert (victim.rows, victim.recipe, victim.seed) == (
        role.owned,
        models.softmax(),
        3,
    )


def test_a_chapter_may_cut_otherwise():
    usual, other = cast.clinic(), cast.clinic(owned=0.8)

    assert len(other.owned) > len(usual.owned)
    assert len(other.aside) < len(usual.aside)


def test_the_talks_split_is_scikit_learns():
    rows = data.clinic()

    train, test = cast.talks_split(rows)

    theirs = train_test_split(rows.X, test_size=0.1, random_state=42)
    np.testing.assert_array_equal(train.X, theirs[0])
    np.testing.assert_array_equal(test.X, theirs[1])
