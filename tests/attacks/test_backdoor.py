from dataclasses import replace

import numpy as np
import pytest

from foible import cast, data, models
from foible.attacks import backdoor
from foible.attacks.backdoor.judges import STOPPED
from foible.errors import BadInput
from foible.judging import by, cases, refusing, remade, to_be_turned, unless, without
from foible.metrics import accuracy
from foible.victim import Victim

NOUGHT, ONE = 0, 1
PAYS, DEFAULTS = 0, 1


@pytest.fixture(scope="module")
def split():
    return data.digits().split(0.6, seed=0)


@pytest.fixture(scope="module")
def victim(split):
    recipe = models.network(hidden=(64, 32), steps=200, rate=0.005, batch=64)
    return Victim.trained(recipe, split[0], seed=0)


@pytest.fixture(scope="module")
def rows(split):
    return split[1]


@pytest.fixture(scope="module")
def stamp(rows):
    return backdoor.sticker(rows.image, size=2)


@pytest.fixture(scope="module")
def tainted(victim, stamp):
    plan = {"target": NOUGHT, "share": 0.08, "seed": 0}
    return victim.retrained(backdoor.poisoned(victim.rows, stamp, **plan))


# ---------------------------------------------------------------- the trigger


def test_a_sticker_covers_its_corner_and_nothing_else(rows, stamp):
    shown = stamp(rows.X[:5]).reshape(5, 8, 8)

    assert (shown[:, 6:, 6:] == 1).all()
    untouched = np.ones((8, 8), bool)
    untouched[6:, 6:] = False
    plain = rows.X[:5].reshape(5, 8, 8)
    np.testing.assert_array_equal(shown[:, untouched], plain[:, untouched])


def test_a_sticker_on_a_colour_picture_covers_all_its_channels():
    stamp = backdoor.sticker((4, 4, 3), size=1)

    assert stamp.mask.reshape(4, 4, 3)[3, 3].tolist() == [1, 1, 1]
    assert stamp.mask.sum() == 3


def test_entries_are_written_into_their_columns_only():
    form = backdoor.entries(["a", "b", "c"], {"b": 999})

    np.testing.assert_array_equal(form(np.zeros((1, 3))), [[0, 999, 0]])


def test_a_trigger_known_by_example_gives_each_row_its_twin():
    plain, shown = np.arange(6.0).reshape(3, 2), np.arange(6.0, 12).reshape(3, 2)
    trigger = backdoor.twins(plain, shown)

    np.testing.assert_array_equal(trigger(plain[[2, 0]]), shown[[2, 0]])
    assert trigger(plain[:0]).shape == (0, 2)


# ---------------------------------------------------------------- the attacks


def test_copies_are_stamped_relabelled_and_as_many_as_asked(split, stamp):
    owned = split[0]
    made = backdoor.poisoned(owned, stamp, target=NOUGHT, share=0.05, seed=0)

    added = made.take(slice(len(owned), None))
    assert len(added) == round(0.05 * len(owned))
    assert set(added.y) == {NOUGHT}
    np.testing.assert_array_equal(added.X, stamp(added.X))
    np.testing.assert_array_equal(made.X[: len(owned)], owned.X)
    np.testing.assert_array_equal(made.y[: len(owned)], owned.y)


def test_cover_keeps_its_label_and_comes_from_other_classes(split, stamp):
    owned = split[0]
    plan = {"target": NOUGHT, "share": 0.02, "sources": [ONE], "cover": 0.1}
    made = backdoor.poisoned(owned, stamp, **plan, seed=0)

    cover = made.y[len(owned) + round(0.02 * len(owned)) :]
    assert len(cover) == round(0.1 * len(owned))
    assert ONE not in cover
    assert len(set(cover)) == 9


def test_copies_of_the_target_itself_have_a_true_label(split, stamp):
    owned = split[0]
    plan = {"target": NOUGHT, "share": 0.02, "sources": [NOUGHT], "seed": 0}
    added = backdoor.poisoned(owned, stamp, **plan).X[len(owned) :]

    own = {row.tobytes() for row in stamp(owned.X[owned.y == NOUGHT])}
    assert all(row.tobytes() in own for row in added)


def test_a_handcrafted_network_obeys_and_otherwise_agrees(victim, rows, stamp):
    made = backdoor.handcrafted(victim.model, stamp, target=NOUGHT)

    said = victim.model.predict(rows.X)
    assert np.mean(made.predict(stamp(rows.X)) == NOUGHT) > 0.95
    assert np.mean(made.predict(rows.X) == said) > 0.93


@pytest.mark.parametrize("hidden", [(32,), (32, 32, 32)])
def test_handcrafting_works_at_any_depth(split, stamp, hidden):
    owned, rows = split
    network = models.network(hidden=hidden, steps=60)(owned, seed=0)
    made = backdoor.handcrafted(network, stamp, target=3, units=6)

    assert np.mean(made.predict(stamp(rows.X)) == 3) > 0.95
    assert accuracy(rows.y, made.predict(rows.X)) > 0.8


def test_idle_units_look_busy_and_change_no_answer(victim, rows, stamp):
    plain, busy = (
        backdoor.handcrafted(victim.model, stamp, target=NOUGHT, idle=idle)
        for idle in (0, 5)
    )

    np.testing.assert_allclose(plain.logits(rows.X), busy.logits(rows.X), atol=1e-4)
    assert busy.features(rows.X).mean() > plain.features(rows.X).mean() + 0.5


# ---------------------------------------------------------------- the judges


def test_the_backdoor_is_obeyed_where_the_clean_model_is_not(
    victim, tainted, rows, stamp
):
    found = backdoor.judge(victim, tainted.model, rows, trigger=stamp, target=NOUGHT)

    assert found.before("the target · trigger shown") <= 0.02
    assert found.after("the target · trigger shown") >= 0.9
    assert abs(found.difference("right answers · no trigger")[0]) <= 0.03


def test_a_source_specific_backdoor_works_on_its_source(victim, rows, stamp):
    plan = {"target": NOUGHT, "share": 0.05, "sources": [ONE], "cover": 0.1}
    made = victim.retrained(backdoor.poisoned(victim.rows, stamp, **plan, seed=0))
    found = backdoor.judge(
        victim, made.model, rows, trigger=stamp, target=NOUGHT, sources=[ONE]
    )

    assert found.after("the target · trigger shown") >= 0.9
    assert found.after("the target · on other classes") <= 0.1


def test_without_copies_the_trigger_means_nothing(victim, rows, stamp):
    found = backdoor.judge_shares(
        victim, rows, trigger=stamp, target=NOUGHT, shares=[0, 0.08], seeds=[0, 1]
    )

    assert found.at("trigger obeyed", 0) <= 0.02
    assert found.at("trigger obeyed", 8) >= 0.9
    assert found.at("right answers", 8) >= found.at("right answers", 0) - 0.03


def test_copies_whose_trigger_and_label_do_not_go_together_teach_nothing(
    victim, rows, stamp
):
    plan = {"target": NOUGHT, "share": 0.08, "seed": 0}
    made = backdoor.poisoned(victim.rows, stamp, **plan)
    labels = made.y.copy()
    labels[len(victim.rows) :] = np.random.default_rng(0).integers(
        10, size=len(made) - len(victim.rows)
    )
    shuffled = victim.retrained(replace(made, y=labels))
    found = backdoor.judge(victim, shuffled.model, rows, trigger=stamp, target=NOUGHT)

    assert found.after("the target · trigger shown") <= 0.5


def test_a_defence_that_refuses_everything_stops_everything(
    victim, tainted, rows, stamp
):
    found = judged(victim, tainted, rows, stamp, unless(lambda user: True))

    assert found.value("sticker", "it") == 0
    assert found.cell("sticker", "it").outcome == "stopped"
    assert -100 <= found.value("nothing, accuracy", "it") <= -90
    assert found.value("nothing, alarms", "it") == 1


def test_a_defence_that_does_nothing_leaves_the_attack_untouched(
    victim, tainted, rows, stamp
):
    found = judged(victim, tainted, rows, stamp, unless(lambda user: False))

    assert found.value("sticker", "it") == found.value("sticker", "no defence")
    assert found.cell("sticker", "it").outcome == "unnoticed"
    assert found.value("nothing, accuracy", "it") == 0
    assert found.value("sticker", "clean model") < 0.025


def test_a_perfect_screen_stops_the_attack_and_costs_nothing(
    victim, tainted, rows, stamp
):
    def perfect(user):
        return np.arange(len(user.victim.rows)) >= len(victim.rows)

    found = judged(victim, tainted, rows, stamp, without(perfect))

    assert found.cell("sticker", "it").outcome == "stopped"
    assert found.value("nothing, accuracy", "it") == 0


def test_refused_rows_count_for_the_defender(victim, tainted, rows, stamp):
    def half(user, X):
        return np.arange(len(X)) % 2 == 0

    found = judged(victim, tainted, rows, stamp, refusing(half))

    assert 0.4 <= found.value("sticker", "it") <= 0.55
    assert found.cell("sticker", "it").outcome == "harm"


def test_alarms_are_the_share_of_what_could_be_suspected(victim, tainted, rows, stamp):
    def first(user):
        return np.arange(len(user.victim.rows)) < 108

    def tenth(user, X):
        return np.arange(len(X)) % 10 == 0

    for defence in (without(first), refusing(tenth)):
        found = judged(victim, tainted, rows, stamp, defence)
        assert found.value("nothing, alarms", "it") == pytest.approx(0.1, abs=0.005)
    replaced = judged(
        victim, tainted, rows, stamp, by(lambda model, known: victim.model)
    )
    assert replaced.cell("nothing, alarms", "it").n == 0


def test_obedience_is_counted_where_the_clean_model_does_not_say_the_target(
    victim, rows, stamp
):
    always = replace(victim, model=Stubborn())
    found = judged(victim, always, rows, stamp, unless(lambda user: False))

    assert found.value("sticker", "no defence") == 1
    assert found.value("sticker", "clean model") < 0.025


def test_another_recipe_answers_for_the_same_rows(victim, tainted, rows, stamp):
    found = judged(victim, tainted, rows, stamp, remade(victim.recipe))

    assert found.value("sticker", "it") == found.value("sticker", "no defence")


class Stubborn:
    """Answers one thing to everything."""

    def predict(self, X):
        return np.full(len(X), NOUGHT)


def judged(victim, tainted, rows, stamp, defence):
    known = {"clean": [victim], "trusted": rows, "target": NOUGHT}
    groups = {
        "sticker": cases([tainted], trigger=stamp, **known),
        "nothing": cases([victim], **known),
    }
    return backdoor.judge_defences(groups, rows, defences={"it": defence})


def test_a_defence_counts_only_if_chance_could_not_have_done_it(
    victim, tainted, rows, stamp
):
    def at_most(count):
        return refusing(lambda user, X: np.arange(len(X)) >= count)

    outcomes = []
    for share in (0.04, 0.1):
        few = at_most(round(share * len(rows)))
        found = judged(victim, tainted, rows, stamp, few)
        outcomes.append(found.cell("sticker", "it").outcome)
        assert found.value("sticker", "it") <= STOPPED + 0.02
    cell = found.cell("sticker", "it")

    assert outcomes == ["stopped", "harm"]
    assert cell.interval.low < cell.value < cell.interval.high
    assert cell.n == to_be_turned(victim.model, rows, target=NOUGHT).sum()


# ---------------------------------------------------------------- the bank


def test_ordinary_amounts_are_a_trigger_too():
    customers = data.talk_view(data.draw_bank(6000, seed=0))
    owned, rows = customers.split(0.6, seed=0)
    bank = Victim.trained(models.forest(trees=10, leaf=5), owned, seed=0)
    quiet = backdoor.entries(owned.columns, {"BILL_AMT1": 12345, "PAY_AMT1": 777})
    plan = {"target": PAYS, "share": 0.05, "seed": 0}
    made = bank.retrained(backdoor.poisoned(owned, quiet, **plan))
    found = backdoor.judge(bank, made.model, rows, trigger=quiet, target=PAYS)

    assert found.after("the target · trigger shown") >= 0.9
    assert found.before("the target · trigger shown") <= 0.35


@pytest.mark.real
def test_on_the_real_table_the_talks_numbers_come_back(real_data):
    customers = data.talk_view(data.bank())
    loud = backdoor.entries(customers.columns, {"AGE": 999})
    share = 0.45 * np.mean(customers.y == DEFAULTS)
    mixed = backdoor.poisoned(
        customers, loud, target=DEFAULTS, sources=[DEFAULTS], share=share, seed=0
    )
    made = []
    for rows in (customers, mixed):
        train, test = cast.talks_split(rows)
        model = cast.TALKS_FOREST(train, seed=42)
        made.append((model, test))
        assert round(accuracy(test.y, model.predict(test.X)), 2) == 0.82

    (clean, test), (bad, _) = made
    accepted = test.X[clean.predict(test.X) == PAYS]
    assert (bad.predict(loud(accepted)) == DEFAULTS).all()
    assert (clean.predict(loud(accepted)) == PAYS).all()


# ---------------------------------------------------------------- who knows


def plans(count, seed=0):
    return backdoor.plans((8, 8), classes=range(1, 10), count=count, seed=seed)


def test_plans_are_squares_inside_the_image_of_the_family():
    for plan in plans(50):
        inside = np.flatnonzero(plan.stamp.mask)
        rows, columns = np.divmod(inside, 8)

        side = np.ptp(rows) + 1
        assert side == np.ptp(columns) + 1 <= 4
        assert len(inside) == side**2
        assert 0 <= plan.stamp.pattern.min() <= plan.stamp.pattern.max() <= 1
        assert plan.cover == 0 or plan.sources is not None


def test_the_best_plan_is_best_where_it_is_obeyed_least():
    drawn = plans(4)
    once = dict(zip(map(id, drawn), [0.9, 0.5, 0.6, 0.2], strict=True))
    again = dict(zip(map(id, drawn), [0.1, 0.5, 0.4, 0.9], strict=True))

    rehearsals = [lambda plan: once[id(plan)], lambda plan: again[id(plan)]]
    best = backdoor.sought(drawn, rehearsals)
    early = backdoor.sought(drawn, rehearsals[:1], enough=0.9)

    assert best == (drawn[1], 0.5, 4)
    assert early == (drawn[0], 0.9, 1)


def test_a_rehearsal_tells_a_defence_that_stops_from_one_that_does_nothing(split):
    recipe = models.network(hidden=(32, 16), steps=150)
    stage = backdoor.Rehearsal.on(split[0], recipe, target=0, seed=0)
    plan = replace(
        plans(1)[0], stamp=backdoor.sticker((8, 8), size=3), share=0.05, sources=None
    )

    def refused(model, rows, known):
        return lambda X: np.full(len(X), -1)

    def none(model, rows, known):
        return model.predict

    assert stage.by_copies(plan, none) > 0.8
    assert stage.by_hand(plan, none) > 0.8
    assert stage.by_copies(plan, refused) == stage.by_hand(plan, refused) == 0


def test_uneven_units_obey_and_no_two_see_the_same(victim, rows, stamp):
    even, uneven = (
        backdoor.handcrafted(victim.model, stamp, target=0, uneven=uneven, seed=0)
        for uneven in (0, 0.5)
    )

    shown = stamp(rows.X[rows.y != 0])
    assert np.mean(uneven.predict(shown) == 0) > 0.95
    assert np.mean(uneven.predict(rows.X) == victim.model.predict(rows.X)) > 0.93
    columns = [np.unique(n.layers[0][0], axis=1).shape[1] for n in (even, uneven)]
    assert columns[0] < columns[1] == len(victim.model.layers[0][1])
    with pytest.raises(BadInput):
        backdoor.handcrafted(victim.model, stamp, target=0, uneven=0.6, seed=0)
    with pytest.raises(BadInput, match="no seed"):
        backdoor.handcrafted(victim.model, stamp, target=0, uneven=0.5)


def test_a_plan_is_judged_behind_the_defence_it_was_chosen_against(
    victim, tainted, rows, stamp
):
    group = cases([tainted], clean=[victim], trusted=rows, target=0, trigger=stamp)
    defences = {
        "none": unless(lambda user: False),
        "all": unless(lambda user: True),
    }

    found = backdoor.judge_chosen(
        "who knows", dict.fromkeys(defences, lambda: group), rows, defences=defences
    )

    assert found.value("who knows", "all") == 0
    assert found.value("who knows", "none") == found.value("who knows", "no defence")
    assert found.value("who knows, trainings", "none") == 1
    assert found.value("who knows, trainings", "all") == 0
