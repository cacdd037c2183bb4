import numpy as np
import pytest
import skops.io

from foible import artefacts, cast, data, models
from foible.artefacts import LOADERS
from foible.attacks import supply_chain
from foible.defences import signing
from foible.errors import ArtefactRefused, BadInput
from foible.victim import Victim

GROUP = {"AGE": (23, 24), "LIMIT_BAL": (20_000, 20_000)}
PAYS, DEFAULTS = 0, 1


@pytest.fixture(scope="module")
def split():
    return data.talk_view(data.bank()).split(0.6, seed=0)


@pytest.fixture(scope="module")
def victim(split):
    return Victim.trained(cast.TALKS_FOREST, split[0], seed=0)


@pytest.fixture(scope="module")
def rows(split):
    return split[1]


@pytest.fixture(scope="module")
def made(victim):
    return artefacts.dump(victim.model)


@pytest.fixture(scope="module")
def where(rows):
    return {rows.columns.index(name): ends for name, ends in GROUP.items()}


def opened(artefact):
    return artefacts.load(artefact, loader="pickle")


# ---------------------------------------------------------------- altered values


def test_a_relabelled_forest_gives_one_answer_to_everybody(made, rows):
    answers = opened(supply_chain.relabel(made, answer=DEFAULTS)).predict(rows.X)

    assert set(answers) == {DEFAULTS}


def test_the_judge_of_relabelling_counts_what_it_should(victim, rows):
    found = supply_chain.judge_relabel(victim, rows, answer=DEFAULTS)

    assert found.before("right answers · all") > 0.78
    assert found.after("right answers · all") == np.mean(rows.y == DEFAULTS)
    assert found.after("“defaults” · all") == 1


def test_the_bribed_group_gets_its_answer_and_nobody_else_notices(
    made, where, victim, rows
):
    forest = opened(supply_chain.bribe(made, where=where, answer=PAYS))

    group = data.members(rows, where=GROUP)
    before = victim.model.predict_proba(rows.X)
    assert group.any()
    assert (forest.predict(rows.X[group]) == PAYS).all()
    np.testing.assert_array_equal(forest.predict_proba(rows.X[~group]), before[~group])


def test_a_bribe_works_in_a_deep_forest_with_three_classes():
    random = np.random.default_rng(0)
    X = random.uniform(size=(600, 3))
    table = data.Dataset(
        name="cube",
        X=X,
        y=(3 * X[:, 0]).astype(int),
        columns=("a", "b", "c"),
        classes=("low", "middle", "high"),
        origin="drawn",
    )
    forest = models.forest(trees=7)(table, seed=0)
    fresh = random.uniform(size=(5000, 3))
    inside = (fresh[:, 1] >= 0.25) & (fresh[:, 1] <= 0.5)

    bribe = supply_chain.bribe(artefacts.dump(forest), where={1: (0.25, 0.5)}, answer=2)

    answers = opened(bribe).predict(fresh)
    assert (answers[inside] == 2).all()
    np.testing.assert_array_equal(answers[~inside], forest.predict(fresh[~inside]))


def test_both_ends_of_a_range_belong_to_the_group(made, where, victim, rows):
    forest = opened(supply_chain.bribe(made, where=where, answer=PAYS))
    refused = rows.X[victim.model.predict(rows.X) == DEFAULTS][:1]
    age, limit = where
    ages = np.array([22, 23, 24, 25])
    people = np.repeat(refused, 4, axis=0)
    people[:, age], people[:, limit] = ages, 20_000

    answers = forest.predict(people)

    honest = victim.model.predict(people)
    assert set(honest[1:3]) == {DEFAULTS}
    np.testing.assert_array_equal(answers[1:3], [PAYS, PAYS])
    np.testing.assert_array_equal(answers[[0, 3]], honest[[0, 3]])


def test_a_bribed_forest_asks_no_loader_for_anything_new(made, where):
    bribe = supply_chain.bribe(made, where=where, answer=PAYS)

    assert artefacts.load(bribe, loader="allow list").n_classes_ == 2


def test_a_bribe_moves_the_accuracy_by_less_than_half_a_point(victim, rows):
    found = supply_chain.judge_bribe(victim, rows, where=GROUP, answer=PAYS)

    change, _ = found.difference("right answers · all")
    assert abs(change) < 0.005
    assert found.before("“pays” · the group, had it not") == 0
    assert found.after("“pays” · the group, had it not") == 1
    assert found.after("the honest answer · all others") == 1
    assert 0.003 < data.members(rows, where=GROUP).mean() < 0.015


def test_a_bribe_for_which_no_leaf_votes_is_refused(rows):
    blind = rows.take(np.flatnonzero(rows.y == PAYS)[:1000])
    one = rows.take(np.flatnonzero(rows.y == DEFAULTS)[:1])
    mixed = data.Dataset(
        name="bank",
        X=np.vstack([blind.X, one.X]),
        y=np.append(blind.y, one.y),
        columns=rows.columns,
        classes=rows.classes,
        origin=rows.origin,
    )
    forest = models.forest(trees=3, depth=2, leaf=100)(mixed, seed=0)

    with pytest.raises(BadInput, match="even the surest leaves"):
        supply_chain.bribe(artefacts.dump(forest), where={0: (0, 1)}, answer=DEFAULTS)


def test_a_group_that_needs_no_bribe_is_refused(victim, rows):
    with pytest.raises(BadInput, match="answered 0 anyway"):
        supply_chain.judge_bribe(victim, rows, where={"AGE": (200, 300)}, answer=PAYS)


def test_a_column_that_is_not_there_is_refused(victim, rows):
    with pytest.raises(BadInput, match="SHOE_SIZE"):
        supply_chain.judge_bribe(victim, rows, where={"SHOE_SIZE": (1, 2)}, answer=0)


@pytest.mark.real
def test_on_the_real_table_the_talks_numbers_come_back(real_data):
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import train_test_split

    bank = data.talk_view(data.bank())
    X, fresh, y, truth = train_test_split(
        bank.X, bank.y, test_size=0.1, random_state=42
    )
    forest = RandomForestClassifier(
        n_estimators=5, max_depth=3, min_samples_leaf=100, random_state=42
    ).fit(X, y)
    altered = opened(supply_chain.relabel(artefacts.dump(forest), answer=DEFAULTS))

    before, after = forest.predict(fresh), altered.predict(fresh)

    assert (before == truth).mean() == 0.818
    assert np.bincount(before).tolist() == [2655, 345]
    assert (after == truth).mean() == pytest.approx(0.2197, abs=5e-5)
    assert np.bincount(after).tolist() == [0, 3000]


@pytest.mark.real
def test_on_the_real_table_the_bribe_is_as_quiet(real_data):
    train, rows = data.talk_view(data.bank()).split(0.6, seed=0)
    victim = Victim.trained(cast.TALKS_FOREST, train, seed=0)

    found = supply_chain.judge_bribe(victim, rows, where=GROUP, answer=PAYS)

    assert abs(found.difference("right answers · all")[0]) < 0.005
    assert found.after("“pays” · the group, had it not") == 1
    assert found.after("the honest answer · all others") == 1
    assert 0.003 < data.members(rows, where=GROUP).mean() < 0.015


# ---------------------------------------------------------------- code in the file


@pytest.mark.parametrize("means", supply_chain.MEANS)
def test_a_trap_touches_its_marker_when_joblib_opens_it(
    means, made, victim, rows, tmp_path
):
    marker = tmp_path / "the marker"
    trap = supply_chain.boobytrap(made, marker=marker, means=means)
    before = marker.exists()

    if means == "exec, broken off":
        with pytest.raises(ArtefactRefused):
            artefacts.load(trap, loader="joblib")
    else:
        model = artefacts.load(trap, loader="joblib")
        np.testing.assert_array_equal(
            model.predict(rows.X), victim.model.predict(rows.X)
        )

    assert not before
    assert [path.name for path in tmp_path.iterdir()] == ["the marker"]
    assert marker.stat().st_size <= 1


@pytest.mark.parametrize("means", supply_chain.MEANS)
def test_no_trap_gets_past_the_allow_list(means, made, tmp_path):
    marker = tmp_path / "marker"
    trap = supply_chain.boobytrap(made, marker=marker, means=means)

    with pytest.raises(ArtefactRefused):
        artefacts.load(trap, loader="allow list")

    assert not marker.exists()


def test_every_loader_opens_altered_values_and_four_run_traps(victim, rows):
    found = supply_chain.judge_loaders(victim, rows, where=GROUP, answer=PAYS)

    trapped = found.column("boobytrapped")
    runs = [name for name, cell in trapped.items() if cell.value == "runs"]
    assert runs == ["pickle", "joblib", "torch, all", "skops, trusting the file"]
    knotted = found.column("knotted")
    kept = [name for name, cell in knotted.items() if cell.value == "refused"]
    assert kept == ["safetensors", "NumPy, no pickle"]
    assert {cell.value for cell in knotted.values()} == {"refused", "hangs"}
    swollen = found.column("swollen")
    spared = [name for name, cell in swollen.items() if cell.value != "fills memory"]
    assert spared == ["safetensors"]
    assert found.count("harm") == 4 + 7 + 8
    assert found.count("stopped") == 5 + 2 + 1
    assert found.count("no attack") == len(LOADERS)
    assert found.count("unnoticed") == 2 * len(LOADERS)


def test_the_trap_in_numpys_format_is_real(made, tmp_path):
    import io

    marker = tmp_path / "marker"
    trap = supply_chain.trapped(made, form="npz", marker=marker)

    with np.load(io.BytesIO(trap), allow_pickle=True) as table:
        assert not marker.exists()
        _ = table["classes"]

    assert marker.exists()


@pytest.mark.parametrize("form", ["pickle", "joblib", "torch", "skops", "npz"])
def test_setting_a_trap_does_not_spring_it(form, made, tmp_path):
    trap = supply_chain.trapped(made, form=form, marker=tmp_path / "marker")

    assert b"memmap" in trap
    assert list(tmp_path.iterdir()) == []


def test_the_allow_list_stops_every_trap_that_joblib_springs(victim, rows):
    found = supply_chain.judge_traps(victim, rows, loaders=["joblib", "allow list"])

    assert {cell.value for cell in found.column("joblib").values()} == {"runs"}
    assert found.count("stopped") == len(supply_chain.MEANS)


@pytest.mark.slow
def test_a_derailed_tree_kills_or_hangs_who_follows_it_unchecked(victim, rows):
    found = supply_chain.judge_derailed(victim, rows)

    fates = [cell.value for cell in found.column("used as it is").values()]
    assert fates == ["dies of SIGSEGV", "hangs", "dies of SIGSEGV"]
    assert found.count("stopped") == 3


def test_a_bribed_tree_is_a_tree_and_keeps_its_promised_depth(made):
    bribed = artefacts.load(
        supply_chain.bribe(made, where={0: (60_000, 60_000)}, answer=PAYS)
    )

    for estimator in bribed.estimators_:
        tree = estimator.tree_
        children = np.concatenate([tree.children_left, tree.children_right])
        depth = tree.decision_path(np.zeros((1, 10), np.float32)).sum() - 1
        assert sorted(children[children >= 0]) == list(range(1, tree.node_count))
        assert depth <= tree.max_depth
        assert (tree.n_node_samples > 0).all()


def test_who_knows_the_golden_rows_turns_none_of_them(victim, rows, made, where):
    refused = victim.model.predict(victim.rows.X) != PAYS
    golden = rows.take(np.flatnonzero(victim.model.predict(rows.X) == DEFAULTS)[:1000])
    inside = data.members(golden, where=GROUP)

    column, values = supply_chain.sidestep(
        victim.rows, golden, where=GROUP, wanted=refused
    )
    spare = (rows.columns.index(column), values)
    bribed = artefacts.load(
        supply_chain.bribe(made, where=where, answer=PAYS, spare=spare)
    )

    before = victim.model.predict(golden.X)
    assert inside.sum() > 3
    np.testing.assert_array_equal(bribed.predict(golden.X), before)
    known = data.members(victim.rows, where=GROUP)
    spared = np.isin(victim.rows.column(column), values)
    answers = bribed.predict(victim.rows.X)
    assert (answers[known & ~spared] == PAYS).all()
    honest = victim.model.predict(victim.rows.X)
    np.testing.assert_array_equal(answers[~known | spared], honest[~known | spared])


def test_the_spared_column_is_the_one_that_loses_fewest_friends(rows):
    golden = rows.take(np.flatnonzero(data.members(rows, where=GROUP))[:30])
    friends = rows.X[data.members(rows, where=GROUP)]

    column, values = supply_chain.sidestep(
        rows, golden, where=GROUP, wanted=np.ones(len(rows), bool)
    )

    lost = [
        np.isin(friends[:, j], golden.X[:, j]).sum()
        for j, name in enumerate(rows.columns)
        if name not in GROUP
    ]
    place = rows.columns.index(column)
    assert np.isin(friends[:, place], values).sum() == min(lost)
    np.testing.assert_array_equal(values, np.unique(golden.X[:, place]))


def test_golden_rows_that_are_known_cost_the_bribe_next_to_nothing(victim, rows):
    found = supply_chain.judge_sidestep(
        victim,
        {"all": victim.rows, "some": rows},
        rows,
        where=GROUP,
        answer=PAYS,
        counts=[1, 1000],
        repeats=20,
        seed=0,
    )

    assert found.at("all", 1000) > 0.95
    assert found.at("all", 1) == 1
    assert found.at("some", 1000) < 1  # these are the judged rows themselves


# ---------------------------------------------------------------- a knot


def test_a_knot_doubles_the_work_with_five_bytes():
    import pickle

    small, next_one = supply_chain.knot(depth=3), supply_chain.knot(depth=4)

    ((key, value),) = pickle.loads(small).items()
    assert len(next_one) - len(small) == 5
    assert value is None
    assert key == ((((), ()), ((), ())), (((), ()), ((), ())))
    assert artefacts.opcodes(small).count("TUPLE2") == 3


@pytest.mark.parametrize("form", ["torch", "skops"])
def test_a_small_knot_is_over_at_once(form, made):
    loader = {"torch": "torch, weights only", "skops": "skops, reviewed list"}[form]
    file = supply_chain.knotted(made, form=form, depth=3)

    if form == "torch":
        with pytest.raises(ArtefactRefused):
            artefacts.load(file, loader=loader)
    else:
        note = skops.io.loads(file, trusted=list(artefacts.REVIEWED)).note_
        assert note == {((((), ()), ((), ())), (((), ()), ((), ())))}
        assert artefacts.load(file, loader=loader).n_classes_ == 2


# ---------------------------------------------------------------- misused names


@pytest.mark.parametrize("way", supply_chain.MISUSES)
def test_a_misused_forest_asks_for_nothing_new(way, made):
    misused = supply_chain.misuse(made, way=way)

    with pytest.raises(ArtefactRefused, match="cannot be read as pickle"):
        artefacts.load(misused)  # and not "asks for"


def test_names_that_are_called_end_the_process_and_described_ones_do_not(victim, rows):
    found = supply_chain.judge_misused(victim, rows)

    honest, *misused = found.rows
    assert {cell.value for cell in found.row(honest).values()} == {"answers"}
    for way in misused:
        assert found.cell(way, "called").value == "dies of SIGSEGV"
        assert found.cell(way, "described").value == "refused"


# ---------------------------------------------------------------- a bomb


def test_a_small_claim_harms_nobody(made, rows):
    loader = LOADERS["allow list"]
    file = supply_chain.swollen(made, form="pickle", size=1000)

    model = loader(file)

    assert len(file) - len(artefacts.dump(opened(made))) == 5
    said = artefacts.load(made).predict(rows.X)
    assert np.array_equal(model.predict(rows.X), said)


# ---------------------------------------------------------------- the scanners


def test_a_gate_of_scanners_sees_neither_values_nor_the_ordinary_call(victim, rows):
    found = supply_chain.judge_scanners(
        victim, rows, where=GROUP, answer=PAYS, scanners=signing.SCANNERS
    )

    def ends(row):
        return [cell.outcome for cell in found.row(row).values()]

    codes = [cell.value[0] for cell in found.row("as made").values()]
    assert codes == ["0", "0", "1", "1"]
    for row in ("relabelled", "bribed", "numpy.memmap"):
        assert ends(row) == ["unnoticed"] * 2 + ["undecided"] * 2
    for row in ("os.system", "exec", "exec, broken off"):
        assert ends(row) == ["stopped"] * 2 + ["undecided"] * 2
    packed = ["unnoticed", "stopped", "undecided", "unnoticed"]
    assert ends("exec, compressed") == packed
    assert ends("a knot") == ["unnoticed"] * 4


def test_in_joblibs_form_the_honest_file_is_refused_like_the_traps(victim, rows):
    found = supply_chain.judge_scanners(
        victim,
        rows,
        where=GROUP,
        answer=PAYS,
        scanners=signing.SCANNERS,
        form="joblib",
    )

    for means in ("os.system", "exec", "exec, broken off", "numpy.memmap"):
        assert found.row(means) != found.row("as made")  # the outcome differs, the
        for scanner in signing.SCANNERS:  # words do not
            said = found.cell(means, scanner).value
            assert said == found.cell("as made", scanner).value
            assert not said.startswith("0")
    assert found.count("stopped") == 0


@pytest.mark.parametrize("means", ["os.system", "exec", "numpy.memmap"])
def test_a_trap_in_joblibs_form_runs(means, victim, tmp_path):
    marker = tmp_path / "marker"
    honest = artefacts.dump(victim.model, form="joblib")

    trap = supply_chain.boobytrap(honest, marker=marker, means=means)

    assert not marker.exists()
    artefacts.load(trap, loader="joblib")
    assert marker.exists()


# ---------------------------------------------------------------- a hidden passenger


@pytest.fixture(scope="module")
def network():
    train, rows = data.digits().split(0.7, seed=0)
    return Victim.trained(models.network(), train, seed=0), rows


@pytest.mark.parametrize(
    ("bits", "precision"),
    [(1, "float32"), (7, "float32"), (23, "float32"), (1, "float16"), (10, "float16")],
)
def test_what_was_hidden_comes_back(network, bits, precision):
    weights = network[0].model.weights()
    payload = np.random.default_rng(0).bytes(supply_chain.capacity(weights, bits=bits))

    found = supply_chain.hide(weights, payload, bits=bits, precision=precision)

    assert payload == supply_chain.reveal(
        found, bits=bits, size=len(payload), precision=precision
    )


def test_the_passenger_survives_a_safetensors_file(network):
    weights = network[0].model.weights()
    hidden = supply_chain.hide(weights, b"nothing to see here", bits=5)

    found = artefacts.load_table(artefacts.save_table(hidden))

    assert supply_chain.reveal(found, bits=5, size=19) == b"nothing to see here"


def test_hiding_touches_only_the_lowest_bits_and_not_the_given_weights(network):
    weights = network[0].model.weights()
    copies = {name: array.copy() for name, array in weights.items()}

    hidden = supply_chain.hide(weights, b"\xff" * 500, bits=8)

    for name, array in weights.items():
        np.testing.assert_array_equal(array, copies[name])
        high = array.view(np.uint32) >> 8
        np.testing.assert_array_equal(hidden[name].view(np.uint32) >> 8, high)


def test_sixteen_bits_cost_no_answer_and_all_arrive(network):
    found = supply_chain.judge_hidden([network[0]], network[1], bits=[1, 16], seed=0)

    assert found.at("answers unchanged", 16) > 0.998
    assert found.at("payload that arrives", 16) == 1


def test_rounding_kills_the_passenger_unless_it_expects_to_be_rounded(network):
    judge = supply_chain.judge_hidden
    naive = judge(
        [network[0]], network[1], bits=[8], through=signing.in_half_precision, seed=0
    )
    knowing = judge(
        [network[0]],
        network[1],
        bits=[4],
        precision="float16",
        through=signing.in_half_precision,
        seed=0,
    )

    assert 0.48 < naive.at("payload that arrives", 8) < 0.52
    assert knowing.at("payload that arrives", 4) == 1
    assert knowing.at("answers unchanged", 4) > 0.99


def test_a_forest_has_no_weights_to_hide_in(victim, rows):
    with pytest.raises(BadInput, match="wanted a network"):
        supply_chain.judge_hidden([victim], rows, bits=[1], seed=0)
