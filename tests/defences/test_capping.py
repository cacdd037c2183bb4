"""A cap cuts no more than it may, and a quota ends a client's day."""

import numpy as np

from foible.defences import capping


def test_a_cap_cuts_at_most_its_share_and_a_lower_one_cuts_more():
    work = np.random.default_rng(0).geometric(0.2, 500)

    for cut in (0.0, 0.01, 0.1, 0.5):
        limit = capping.cap(work, cut=cut)
        assert np.mean(work > limit) <= cut
        assert np.mean(work > limit - 1) > cut


def test_behind_the_quota_nothing_is_answered():
    served = capping.served(np.array([4, 4, 4, 1]), quota=9)

    assert served.tolist() == [True, True, False, False]
