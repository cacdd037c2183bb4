import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import ks_2samp
from sklearn.neighbors import KNeighborsClassifier

from foible import data, models
from foible.attacks import poisoning
from foible.defences import screening
from foible.defences.screening.rows import _by_rate
from foible.errors import BadInput
from foible.metrics import wilson
from foible.victim import Victim

LOGISTIC = models.standardised(models.logistic())
SCREENS = {
    "neighbours": screening.by_neighbours(),
    "loss": screening.by_loss(LOGISTIC, share=0.1, seed=0),
    "confidence": screening.by_confidence(LOGISTIC, seed=0),
}


@pytest.fixture(scope="module")
def clinic():
    return data.clinic()


@pytest.fixture(scope="module")
def flipped(clinic):
    """The clinic with a tenth of its labels flipped, and which."""
    where = np.zeros(len(clinic), dtype=bool)
    drawn = np.random.default_rng(0).choice(len(clinic), 57, replace=False)
    where[drawn] = True
    return relabelled(clinic, where), where


def relabelled(rows, where):
    return data.Dataset(
        name=rows.name,
        X=rows.X,
        y=np.where(where, 1 - rows.y, rows.y),
        columns=rows.columns,
        classes=rows.classes,
        origin=rows.origin,
    )


@pytest.fixture(params=SCREENS)
def screen(request):
    return SCREENS[request.param]


# ---------------------------------------------------------------- the screens


def test_a_screen_finds_random_flips_and_few_others(screen, flipped):
    rows, where = flipped

    suspects = screen(rows)

    assert suspects[where].mean() > 0.7
    assert suspects[~where].mean() < 0.1


def test_by_its_rate_each_wrong_label_is_suspected_so_often_as_is_known():
    y = np.repeat([0, 1], [8, 4])
    for_it = np.array([0.9, 0.9, 0.8, 0.8, 0.7, 0.45, 0.4, 0.2, 0.1, 0.2, 0.3, 0.35])
    sure = np.column_stack([for_it, 1 - for_it])
    known = np.array([0, 1, 2, 3, 4, 7, 8, 9])  # 5 of label 0 are right, and 1 is not

    flagged = _by_rate(sure, y, known, np.array([0] * 5 + [1] * 9))

    assert np.flatnonzero(flagged).tolist() == [7]  # 8 rows x 1/6, rounded: 1.33
    flagged = _by_rate(sure, y, np.append(known, 6), np.array([0] * 5 + [1] * 9))
    assert np.flatnonzero(flagged).tolist() == [6, 7]  # 8 x 2/7 = 2.29


def test_by_its_rate_more_flips_are_found_than_surely():
    dirty = poisoning.random_flips(data.digits(), share=0.2, seed=0)
    flipped = dirty.y != data.digits().y
    recipe = models.network(hidden=16, steps=150)

    surely, by_rate = (
        screening.by_confidence(recipe, rule=rule, seed=0)(dirty)
        for rule in ("confident_learning", "prune_by_noise_rate")
    )

    assert by_rate[flipped].mean() > surely[flipped].mean() + 0.02
    assert by_rate[~flipped].mean() < 0.1


def test_the_neighbours_are_scikit_learns(flipped):
    rows, _ = flipped
    X = (rows.X - rows.X.mean(0)) / rows.X.std(0)
    expected = []
    for i in range(60):
        others = np.arange(len(rows)) != i
        model = KNeighborsClassifier(9).fit(X[others], rows.y[others])
        expected.append(model.predict(X[i : i + 1])[0] != rows.y[i])

    suspects = screening.by_neighbours(count=9)(rows)

    assert suspects[:60].tolist() == expected


def test_a_screen_can_look_through_a_network():
    rows = data.digits().take(slice(400))
    network = models.network(hidden=32, steps=60)(data.digits(), seed=0)
    seen = []

    def noting(part):
        seen.append(part)
        return np.zeros(len(part), dtype=bool)

    suspects = screening.seen_through(network.features, noting)(rows)

    np.testing.assert_array_equal(seen[0].X, network.features(rows.X))
    np.testing.assert_array_equal(seen[0].y, rows.y)
    assert not suspects.any()


def test_digests_find_every_altered_row_and_no_other(flipped, clinic):
    rows, where = flipped
    known = set(screening.digests(clinic))

    suspects = screening.by_digest(known)(rows)

    np.testing.assert_array_equal(suspects, where)
    assert not screening.by_digest(known)(clinic).any()


def test_a_value_moved_by_the_least_has_another_digest(clinic):
    moved = data.Dataset(
        name="clinic",
        X=np.nextafter(clinic.X, np.inf),
        y=clinic.y,
        columns=clinic.columns,
        classes=clinic.classes,
        origin="moved",
    )

    assert set(screening.digests(moved)).isdisjoint(screening.digests(clinic))


def test_a_screened_model_is_made_from_the_others(flipped):
    rows, where = flipped
    recipe = screening.screened(LOGISTIC, lambda rows: where)

    one, (other,) = recipe(rows, seed=0), recipe.many([rows], seeds=[0])

    alone = LOGISTIC(rows.take(~where), seed=0)
    for model in (one, other):
        np.testing.assert_array_equal(model.logits(rows.X), alone.logits(rows.X))


def test_a_screened_victim_recovers(screen, flipped):
    rows = flipped[0]
    fresh = data.clinic()

    plain = Victim.trained(LOGISTIC, rows, seed=0).model
    clean = Victim.trained(screening.screened(LOGISTIC, screen), rows, seed=0).model

    right = [np.mean(model.predict(fresh.X) == fresh.y) for model in (plain, clean)]
    assert right[1] > right[0]


def test_a_screen_of_a_recipe_that_makes_no_classifier_is_refused():
    rows = data.diabetes()

    with pytest.raises(BadInput, match="wanted a classifier"):
        screening.by_loss(models.tree(), share=0.1, seed=0)(rows)


# ---------------------------------------------------------------- the vote


@pytest.fixture(scope="module")
def parts():
    owned, judged = data.digits().split(0.7, seed=0)
    return owned, judged


def test_the_certificate_is_the_definition_spelt_out():
    random = np.random.default_rng(0)
    votes = random.multinomial(12, [0.5, 0.3, 0.2], size=300)

    found = screening.certificate(votes)

    for line, promised in zip(votes, found, strict=True):
        winner = int(np.argmax(line))
        assert promised == survives(line, winner)


def survives(votes, winner):
    """Most votes that may change sides, to whomever, with the winner unchanged."""
    for changed in range(1, votes.sum() + 2):
        for rival in range(len(votes)):
            if rival == winner:
                continue
            other = votes.copy()
            moved = min(changed, other[winner])
            other[winner] -= moved
            other[rival] += moved
            if np.argmax(other) != winner:
                return changed - 1
    raise AssertionError("votes that nothing can change")


@pytest.mark.parametrize("base", [models.neighbours(), models.softmax()])
def test_one_row_moves_one_vote_at_most(base, parts):
    owned, judged = parts[0].take(slice(300)), parts[1].take(slice(200))
    recipe = screening.partitioned(base, parts=8)
    before = recipe(owned, seed=0).votes(judged.X)
    relabelled = data.Dataset(
        name="digits",
        X=owned.X,
        y=np.append((owned.y[0] + 1) % 10, owned.y[1:]),
        columns=owned.columns,
        classes=owned.classes,
        origin="relabelled",
    )
    without = owned.take(slice(1, None))
    more = data.joined(owned, parts[0].take(slice(300, 301)))

    for altered in (relabelled, without, more):
        after = recipe(altered, seed=0).votes(judged.X)
        assert np.abs(after - before).sum(axis=1).max() <= 2


def test_the_order_of_the_rows_does_not_matter(parts):
    owned, judged = parts
    shuffled = owned.take(np.random.default_rng(0).permutation(len(owned)))
    recipe = screening.partitioned(models.neighbours(), parts=20)

    one, other = recipe(owned, seed=0), recipe(shuffled, seed=0)

    np.testing.assert_array_equal(one.votes(judged.X), other.votes(judged.X))


def test_the_vote_is_a_classifier_whose_votes_are_counted(parts):
    owned, judged = parts
    model = screening.partitioned(models.neighbours(), parts=20)(owned, seed=0)

    assert isinstance(model, models.Classifier)
    assert (model.votes(judged.X).sum(axis=1) == 20).all()
    np.testing.assert_allclose(model.predict_proba(judged.X).sum(axis=1), 1)
    np.testing.assert_array_equal(
        model.predict(judged.X), model.predict_proba(judged.X).argmax(axis=1)
    )
    assert np.mean(model.predict(judged.X) == judged.y) > 0.9


def test_digits_are_dealt_evenly_and_by_their_values_alone(parts):
    owned, _ = parts
    where = screening.partition(owned.X, parts=10)

    counts = np.bincount(where, minlength=10)
    assert counts.min() > 80
    np.testing.assert_array_equal(
        screening.partition(owned.X[::-1], parts=10), where[::-1]
    )


def test_a_part_with_a_single_label_still_votes(clinic):
    recipe = screening.partitioned(models.logistic(), parts=200)

    model = recipe(clinic.take(slice(250)), seed=0)

    assert model.predict(clinic.X).shape == (len(clinic),)


# ---------------------------------------------------------------- what owners look at


@pytest.fixture(scope="module")
def customers():
    return data.bank().take(slice(8000))


def test_a_columns_p_value_is_scipys(customers):
    old, new = customers.split(0.5, seed=0)

    found = screening.histograms(old, new)

    ages = old.column("AGE"), new.column("AGE")
    expected = ks_2samp(*ages, method="asymp").pvalue
    assert found["AGE"] == expected
    assert len(found) == len(customers.columns) + 1


def test_histograms_seldom_alarm_without_a_cause(customers):
    alarmed = [
        bool(screening.alarms(screening.histograms(*customers.split(0.5, seed=seed))))
        for seed in range(30)
    ]

    assert sum(alarmed) <= 2


def test_histograms_see_labels_and_columns_that_moved(customers):
    old, new = customers.split(0.5, seed=0)
    women = new.column("SEX") == 2
    richer = new.X.copy()
    richer[:, 0] *= 1.5
    moved = {
        "labels": relabelled(new, women & (new.y == 0)),
        "limits": data.Dataset(
            name="bank",
            X=richer,
            y=new.y,
            columns=new.columns,
            classes=new.classes,
            origin="richer",
        ),
    }

    found = screening.judge_histograms(old, new, moved, by=["SEX"])

    many = len(customers.columns)
    assert found.table().loc["nothing"].tolist() == [f"0 of {many}", "0 of 1", "0 of 2"]
    assert found.table().loc["labels"].tolist() == [f"0 of {many}", "1 of 1", "1 of 2"]
    assert found.table().loc["limits"].tolist() == [f"1 of {many}", "0 of 1", "0 of 2"]
    assert found.count("harm") == 0


def test_a_claim_is_contradicted_where_the_interval_says_so():
    right = np.arange(100) < 60

    low, high = wilson(60, 100, level=0.99)

    assert not screening.contradicted(high - 0.01, right)
    assert screening.contradicted(high + 0.01, right)
    assert not screening.contradicted(low + 0.01, right)
    assert screening.contradicted(low - 0.01, right)


def test_releases_that_agree_have_not_moved_and_others_have():
    old = np.arange(200) < 40

    assert not screening.moved(old, old)
    assert screening.moved(old, np.arange(200) < 80)


def test_a_check_that_always_speaks_is_counted_so():
    checks = {"always": lambda rows: True, "many": lambda rows: len(rows) > 10}

    found = screening.judge_trusted(checks, 50, counts=[5, 20], repeats=10, seed=0)

    assert found.at("always", 5) == found.at("many", 20) == 1
    assert found.at("many", 5) == 0


def test_what_a_screen_finds_is_counted(flipped, clinic):
    rows, where = flipped
    first_half = np.arange(len(rows)) < len(rows) / 2
    screens = {
        "all": lambda part: np.ones(len(part), dtype=bool),
        "none": lambda part: np.zeros(len(part), dtype=bool),
        "half": lambda part: first_half,
    }
    nothing = np.zeros(len(rows), dtype=bool)

    found = screening.judge_screens(
        screens, {"nothing": (clinic, nothing), "flips": (rows, where)}
    )

    false_alarms = ["nothing: false alarms", "flips: false alarms"]
    assert sorted(found.rows) == sorted([*false_alarms, "flips: found"])
    assert [cell.value for cell in found.column("all").values()] == [1, 1, 1]
    assert [cell.value for cell in found.column("none").values()] == [0, 0, 0]
    assert found.value("nothing: false alarms", "half") == first_half.mean()
    assert found.value("flips: found", "half") == first_half[where].mean()
    ends = [cell.outcome for cell in found.row("flips: found").values()]
    assert ends == ["stopped", "unnoticed", "undecided"]


# ---------------------------------------------------------------- against trusted rows


H = 6


def features(random, n, *, labels=3):
    y = np.arange(n) % labels
    return random.normal(size=(n, H)) + 4 * np.eye(labels, H)[y], y


@pytest.fixture(scope="module")
def seen():
    """300 rows, of which the last 40 lie elsewhere and call themselves 0."""
    random = np.random.default_rng(0)
    X, y = features(random, 260)
    foreign = random.normal(size=(40, H)) + 6 * np.eye(1, H, 4)
    return np.vstack([X, foreign]), np.append(y, np.zeros(40, int))


@pytest.fixture(scope="module")
def checked():
    return features(np.random.default_rng(1), 150)


FOREIGN = np.arange(300) >= 260


def table(X, **changes):
    columns = tuple(f"c{i}" for i in range(X.shape[1]))
    rows = data.Dataset("t", X, np.zeros(len(X), int), columns, ("no", "yes"), "drawn")
    return replace(rows, **changes)


def test_a_table_is_outside_by_column_and_an_image_by_any_pixel():
    known, asked = table(np.array([[0, 10], [5, 20]])), table(np.array([[7, 15.0]]))

    assert screening.outside(asked, known).tolist() == [True]
    picture = replace(known, image=(1, 2))
    assert screening.outside(replace(asked, image=(1, 2)), picture).tolist() == [False]


def test_spectral_scores_are_the_papers_formula(seen):
    X, y = seen
    scores = screening.spectral_scores(seen)

    for label in range(3):
        ours = X[y == label] - X[y == label].mean(axis=0)
        axis = np.linalg.svd(ours)[2][0]
        np.testing.assert_allclose(scores[y == label], (ours @ axis) ** 2, rtol=1e-6)


def test_of_a_few_wide_rows_no_table_of_columns_is_made():
    random = np.random.default_rng(0)
    X, y = random.standard_normal((40, 4000)), np.arange(40) % 2
    tracemalloc.start()

    scores = screening.spectral_scores((X, y))

    assert tracemalloc.get_traced_memory()[1] < 10 * X.nbytes
    tracemalloc.stop()
    centred = X[::2] - X[::2].mean(axis=0)
    most = np.linalg.eigvalsh(centred @ centred.T)[-1]
    np.testing.assert_allclose(scores[::2].sum(), most)


def test_the_papers_rule_flags_as_many_as_expected_and_half_again(seen):
    scores, y = screening.spectral_scores(seen), seen[1]
    flagged = screening.by_expected(seen, expected=10)

    for label in range(3):
        ours = y == label
        assert flagged[ours].sum() == 15
        assert scores[ours & flagged].min() >= scores[ours & ~flagged].max()


def test_spectrum_and_clusters_find_what_lies_elsewhere(seen, checked):
    by_spectrum = screening.by_spectrum(seen, checked)
    by_clusters = screening.by_clusters(seen, checked, seed=0)

    for flagged in (by_spectrum, by_clusters):
        assert flagged[FOREIGN].mean() > 0.9
    assert by_spectrum[~FOREIGN].mean() < 0.15
    assert by_clusters[~FOREIGN].mean() < 0.02


def test_two_folds_are_enough_and_one_is_not(flipped):
    rows, where = flipped

    suspects = screening.by_confidence(LOGISTIC, folds=2, seed=0)(rows)

    assert suspects[where].mean() > 0.5
    with pytest.raises(BadInput, match="folds"):
        screening.by_confidence(LOGISTIC, folds=1, seed=0)
