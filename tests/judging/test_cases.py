import numpy as np
import pytest

from foible import data, models
from foible.judging import cases, to_be_turned
from foible.victim import Victim


def test_no_row_of_the_target_is_to_be_turned():
    owned, rows = data.digits().split(0.5, seed=0)
    model = models.forest(trees=5)(owned, seed=0)

    anywhere = to_be_turned(model, rows, target=0)
    ones = to_be_turned(model, rows, target=0, sources=[1])
    assert 0 not in rows.y[anywhere]
    assert 0 not in model.predict(rows.X[anywhere])
    assert anywhere.sum() > 0.85 * len(rows)
    np.testing.assert_array_equal(ones, anywhere & (rows.y == 1))


def test_a_user_holds_neither_the_trigger_nor_the_clean_model():
    rows = data.digits().take(slice(0, 200))
    clean, bad = Victim.many(models.forest(trees=2), [rows, rows], seeds=[0, 1])
    known = {"clean": [clean], "trusted": rows, "target": 0}
    plain, altered = (
        cases([bad], released=released, trigger=np.copy, **known)[0]
        for released in (None, [clean])
    )

    assert set(vars(plain.user)) == {"victim", "trusted", "released"}
    assert clean.model not in vars(plain.user).values()
    assert plain.user.released != altered.user.released


def test_each_victim_has_a_clean_one_beside_it():
    rows = data.digits().take(slice(0, 100))
    bad, clean = Victim.many(models.forest(trees=2), [rows, rows], seeds=[0, 1])

    for clean_ones, released in (([clean], None), ([clean, clean], [bad])):
        with pytest.raises(ValueError, match="shorter"):
            cases(
                [bad, bad], clean=clean_ones, released=released, trusted=rows, target=0
            )
