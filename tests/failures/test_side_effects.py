import numpy as np
import pytest

from foible.defences import minding
from foible.errors import BadInput
from foible.failures import side_effects


@pytest.fixture(scope="module")
def vase():
    return side_effects.World(side_effects.ROOMS["vase"])


def test_an_agent_that_is_charged_nothing_takes_the_short_way_over_the_vase(vase):
    done = side_effects.walk(vase, np.zeros(1), steps=24, seed=0)

    assert done.paid == 4
    assert vase.states[done.places[-1]].whole == (False,)


def test_an_agent_that_is_told_goes_around_it(vase):
    done = side_effects.walk(vase, side_effects.told(vase), steps=24, seed=0)

    assert done.paid == 6
    assert vase.states[done.places[-1]].whole == (True,)


def test_a_penalty_of_a_great_weight_makes_the_agent_stand_still(vase):
    charge = minding.Impact(vase.moves, 24, seed=0).charge("start", "reachability")

    found = side_effects.endings(vase, charge, weights=[0, 0.2, 1000])

    assert found == ["harm", "well", "undone"]


def test_a_dish_that_nobody_touches_is_taken_and_a_vase_on_the_belt_breaks():
    for name in ("dish", "rescue"):
        world = side_effects.World(side_effects.ROOMS[name])
        last = world.states[world.waited(0, 24)]
        assert last.load == world.room.end


def test_the_load_can_be_taken_and_put_back():
    room = side_effects.ROOMS["rescue"]
    state = side_effects.State((1, 2), 2, True, ())

    taken = room.after(state, 2)
    back = room.after(taken, 2)

    assert taken.load == -1
    assert back.load == 4  # put down at 3 and carried on


def test_a_switch_stops_what_it_has_started():
    room = side_effects.ROOMS["switch"]
    on = room.after(side_effects.State((3, 2), 0, False, ()), 2)

    off = room.after(room.after(on, 4), 2)

    assert on.runs
    assert not off.runs


@pytest.mark.parametrize("lines", [[], ["A"], ["AA", "GG"], ["A?G"], ["AG", "A"]])
def test_a_room_that_makes_no_sense_is_refused(lines):
    with pytest.raises(BadInput, match="wanted"):
        side_effects.Room(lines)


def test_drawn_rooms_differ_and_the_same_seed_draws_the_same():
    one, again, other = (
        list(side_effects.draw_rooms(5, seed=seed)) for seed in (3, 3, 4)
    )

    assert one == again
    assert one != other


def test_shares_and_pairs_are_counted_room_by_room():
    found = {"one": ["harm", "harm", "well", "well"], "other": ["harm"] + ["well"] * 3}

    judged = side_effects.judge_drawn(found)
    rivals = side_effects.judge_rivals(found, than="other")

    assert judged.value("one", "something lost") == 0.5
    assert judged.value("other", "ends well") == 0.75
    assert rivals.difference("one")[0] == -0.25


def test_what_cannot_be_judged_is_refused(vase):
    with pytest.raises(BadInput, match="no room"):
        side_effects.drawn_endings([], {"none": side_effects.untold}, seed=0)
    with pytest.raises(BadInput, match="wanted one of"):
        side_effects.judge_rivals({"one": ["well"]}, than="two")
    with pytest.raises(BadInput, match="no weight"):
        side_effects.tuned(vase, side_effects.untold(vase))


def test_a_control_that_is_told_ends_well_in_a_room_and_one_untold_does_not(vase):
    told = {"told": side_effects.told, "untold": side_effects.untold}

    found = side_effects.drawn_endings([vase], told, seed=0)

    assert found == {"told": ["well"], "untold": ["harm"]}


def test_waiting_as_a_baseline_does_not_charge_for_a_belt_left_running():
    plan = ["########", "#v==== #", "########", "#A s  G#", "########"]
    world = side_effects.World(side_effects.Room(plan))
    impact = minding.Impact(world.moves, 24, seed=0)

    ahead = side_effects.endings(world, impact.charge("rollouts", "reachability"))
    first = side_effects.endings(world, impact.charge("start", "reachability"))

    assert "well" not in ahead
    assert "well" in first


def test_a_patient_discount_gives_attainable_utility_a_good_weight(vase):
    found = side_effects.judge_discounts(
        vase, [0.8, 0.99], baseline="stepwise", measure="utility", seeds=range(3)
    )

    assert found.value("stepwise, utility", "0.8") == 0
    assert found.value("stepwise, utility", "0.99") == 1


def test_a_drawing_shows_each_way_and_breaks_what_it_broke(vase):
    free = side_effects.walk(vase, side_effects.untold(vase), steps=24, seed=0)
    careful = side_effects.walk(vase, side_effects.told(vase), steps=24, seed=0)

    figure = side_effects.ways(
        vase, {"free": (free, "attacker"), "told": (careful, "defence")}
    )

    left, right = figure.axes
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["free", "told"]
    assert max(right.lines[0].get_ydata()) > min(right.lines[0].get_ydata())
    assert len(left.patches) == len(right.patches) + 2  # four shards; a vase of two
