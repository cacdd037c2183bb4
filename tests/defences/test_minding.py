import numpy as np
import pytest

from foible.defences import minding
from foible.failures import side_effects


@pytest.fixture(scope="module")
def vase():
    return side_effects.World(side_effects.ROOMS["vase"])


def test_distances_are_those_of_a_walk_in_breadth(vase):
    far = minding.distances(vase.moves)

    seen = {0: 0}
    line = [0]
    for place in line:
        for after in vase.moves[place]:
            if after not in seen:
                seen[after] = seen[place] + 1
                line.append(after)
    assert [seen[place] for place in range(len(far))] == far[0].tolist()


def test_waiting_is_free_where_the_baseline_is_to_wait(vase):
    impact = minding.Impact(vase.moves, 24, seed=0)

    for measure in ("reachability", "utility"):
        charge = impact.charge("stepwise", measure)
        np.testing.assert_allclose(charge[0, :, 0], 0)
        assert charge.max() > 0


def test_what_has_no_way_back_costs_more_than_a_step(vase):
    charge = minding.Impact(vase.moves, 24, seed=0).charge("stepwise", "reachability")

    before = np.array([state.whole[0] for state in vase.states])
    breaks = before[:, None] & ~before[vase.moves]
    assert charge[0][breaks].min() > 2 * charge[0][~breaks].max()


def test_a_world_whose_moves_were_changed_is_charged_anew():
    class World:
        __hash__ = None

        def __init__(self):
            self.moves = np.array([[0, 1], [1, 0]])

    world = World()
    charge = minding.penalty("start", "unreachable", weight=1, steps=3, seed=0)
    before = charge(world)
    world.moves[1, 1] = 1

    assert not np.array_equal(before, charge(world))
