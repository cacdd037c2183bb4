import io
import pickle

import joblib
import numpy as np
import pytest
from sklearn import neighbors as near  # codespell:ignore neighbors
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from foible import artefacts
from foible.artefacts import LOADERS, Call
from foible.errors import ArtefactRefused, BadInput


@pytest.fixture(scope="module")
def forest():
    random = np.random.default_rng(0)
    X = random.normal(size=(300, 4))
    y = np.array([3, 7, 9])[(X[:, 0] > 0).astype(int) + (X[:, 1] > 0)]
    return RandomForestClassifier(n_estimators=4, max_depth=4, random_state=0).fit(X, y)


@pytest.fixture
def rows():
    return np.random.default_rng(1).normal(size=(500, 4))


@pytest.mark.parametrize("loader", LOADERS)
def test_every_loader_gives_back_the_same_forest(loader, forest, rows):
    file = artefacts.dump(forest, form=LOADERS[loader].form)

    found = artefacts.load(file, loader=loader)

    np.testing.assert_array_equal(found.predict(rows), forest.predict(rows))
    np.testing.assert_array_equal(found.predict_proba(rows), forest.predict_proba(rows))


def test_a_forest_survives_being_a_table(forest, rows):
    table = artefacts.arrays(forest)

    found = artefacts.forest(table)

    assert all(isinstance(array, np.ndarray) for array in table.values())
    np.testing.assert_array_equal(found.predict_proba(rows), forest.predict_proba(rows))
    np.testing.assert_array_equal(found.apply(rows), forest.apply(rows))


def test_a_table_survives_safetensors():
    table = {"b": np.arange(6.0).reshape(2, 3).T, "a": np.ones(3, np.float32)}

    found = artefacts.load_table(artefacts.save_table(table))

    assert found.keys() == table.keys()
    for name, array in table.items():
        np.testing.assert_array_equal(found[name], array)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("left_child", 0),
        ("left_child", -2),
        ("right_child", 10**9),
        ("feature", 4),
        ("feature", -1),
    ],
    ids=[
        "a circle",
        "before the start",
        "past the end",
        "a column too far",
        "no column",
    ],
)
@pytest.mark.parametrize("loader", LOADERS)
def test_no_loader_lets_a_tree_lead_astray(loader, field, value, forest):
    table = artefacts.arrays(forest)
    table["2." + field] = table["2." + field].copy()
    table["2." + field][0] = value
    broken = artefacts.forest(table)
    file = artefacts.dump(broken, form=LOADERS[loader].form)

    with pytest.raises(ArtefactRefused, match="wanted every child once"):
        artefacts.load(file, loader=loader)


def test_an_appended_call_is_made_and_leaves_the_object_as_it_was():
    heard = []
    file = artefacts.append_call(pickle.dumps({"a": [1, 2]}), Call(print, "heard"))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("builtins.print", heard.append)
        found = pickle.loads(file)

    assert found == {"a": [1, 2]}
    assert heard == ["heard"]


def test_opcodes_show_the_call_without_making_it(tmp_path):
    marker = tmp_path / "marker"
    call = Call(np.memmap, str(marker), "uint8", "w+", 0, 1)

    codes = artefacts.opcodes(artefacts.append_call(artefacts.dump(None), call))

    assert "GLOBAL 'numpy memmap'" in codes
    assert codes[-2:] == ["POP", "STOP"]
    assert "REDUCE" in codes
    assert not marker.exists()


CALLS = {
    "GLOBAL, REDUCE": b"cos\nsystem\n(Vtouch %s\ntR0",
    "INST": b"(Vtouch %s\nios\nsystem\n0",
    "OBJ": b"(cos\nsystem\nVtouch %s\no0",
    "NEWOBJ": b"cnumpy\nmemmap\n(V%s\nVuint8\nVw+\nK\x00K\x01t\x810",
    "STACK_GLOBAL": b"\x8c\x05posix\x8c\x06system\x93(Vtouch %s\ntR0",
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_whichever_opcode_calls_the_allow_list_refuses(call, forest, tmp_path):
    marker = tmp_path / "marker"
    trap = artefacts.dump(forest)[:-1] + call % bytes(marker) + b"."

    with pytest.raises(ArtefactRefused, match="asks for"):
        artefacts.load(trap)
    calm = not marker.exists()
    artefacts.load(trap, loader="pickle")

    assert calm
    assert marker.exists()


def test_the_allow_list_names_what_it_refuses():
    model = LogisticRegression()

    with pytest.raises(ArtefactRefused, match=r"sklearn\.linear_model.*Logistic"):
        artefacts.load(artefacts.dump(model), loader="allow list")


def test_the_allow_list_holds_nothing_that_a_forest_does_not_need(forest):
    asked = set()

    class Curious(pickle.Unpickler):
        def find_class(self, module, name):
            asked.add((module, name))
            return super().find_class(module, name)

    import io

    Curious(io.BytesIO(artefacts.dump(forest))).load()

    assert asked == artefacts.ALLOWED


def test_skops_trusts_all_of_a_forest_but_one_type(forest):
    import skops.io

    file = artefacts.dump(forest, form="skops")

    assert skops.io.get_untrusted_types(data=file) == list(artefacts.REVIEWED)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: artefacts.dump(None, form="parchment"),
        lambda: artefacts.load(b"", loader="hope"),
    ],
)
def test_unknown_formats_and_loaders_are_refused_with_the_list_of_known_ones(ask):
    with pytest.raises(BadInput, match=r"wanted one of .?'pickle'"):
        ask()


@pytest.mark.parametrize("loader", ["pickle", "joblib", "allow list"])
def test_no_loader_lets_through_what_is_no_forest(loader, forest):
    file = artefacts.dump(forest.estimators_[0], form=LOADERS[loader].form)

    with pytest.raises(ArtefactRefused, match="holds a DecisionTreeClassifier"):
        artefacts.load(file, loader=loader)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("n_classes_", 10**6),
        ("n_outputs_", 2),
        ("n_estimators", 10**6),
        ("n_jobs", 64),
        ("classes_", np.zeros(2, "V401")),
    ],
)
def test_a_forest_that_claims_what_its_trees_are_not_is_refused(field, value, forest):
    claiming = artefacts.reopened(artefacts.dump(forest))
    setattr(claiming, field, value)

    with pytest.raises(ArtefactRefused, match="threads are not those that it claims"):
        artefacts.load(artefacts.dump(claiming))


@pytest.mark.parametrize(
    ("name", "shape"), [("classes", (9, 0)), ("0.values", (9, 1, 0))]
)
def test_many_rows_of_nothing_are_no_forest(name, shape, forest):
    table = artefacts.arrays(forest) | {name: np.zeros(shape)}

    with pytest.raises(ArtefactRefused, match="an empty array"):
        artefacts.load(artefacts.save_table(table), loader="safetensors")


def test_trees_of_one_class_are_no_forest_of_many(forest):
    from sklearn.tree._tree import Tree

    claiming = artefacts.reopened(artefacts.dump(forest))
    for estimator in claiming.estimators_:
        _, (columns, _, outputs), state = estimator.tree_.__reduce__()
        narrow = Tree(columns, np.array([1], dtype=np.intp), outputs)
        values = np.ascontiguousarray(state["values"][:, :, :1])
        narrow.__setstate__({**state, "values": values})
        estimator.tree_, estimator.n_classes_ = narrow, 1

    with pytest.raises(ArtefactRefused, match="one vote a class"):
        artefacts.load(artefacts.dump(claiming))


def test_a_node_with_two_parents_is_no_tree(forest):
    table = artefacts.arrays(forest)
    table["0.right_child"] = table["0.right_child"].copy()
    table["0.right_child"][0] = table["0.left_child"][0]
    file = artefacts.dump(artefacts.forest(table))

    with pytest.raises(ArtefactRefused, match="twice to one node"):
        artefacts.load(file)


# ---------------------------------------------------------------- looking inside


@pytest.fixture(scope="module")
def neighbours():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 3))
    return near.KNeighborsClassifier().fit(X, X[:, 0] > 0), X


@pytest.mark.parametrize("form", ["pickle", "joblib"])
def test_contents_finds_the_arrays_and_says_where(neighbours, form):
    model, X = neighbours
    pipeline = make_pipeline(StandardScaler(), model)
    pipeline.fit(X, X[:, 0] > 0)

    held = artefacts.contents(artefacts.dump(pipeline, form=form))

    np.testing.assert_array_equal(held[".steps[0][1].mean_"], pipeline[0].mean_)
    np.testing.assert_array_equal(held[".steps[1][1]._fit_X"], pipeline[1]._fit_X)


def test_contents_sees_into_objects_written_in_c(neighbours):
    _, X = neighbours

    held = artefacts.contents(artefacts.dump(near.KernelDensity().fit(X)))

    assert any(np.array_equal(array, X) for array in held.values())


def test_contents_finds_numbers_in_lists_dicts_and_fields():
    table = np.array([(1, 2.0), (3, 4.0)], dtype=[("a", int), ("b", float)])
    held = {"x": [[1, 2], [3, 4]], "y": {"z": (np.arange(3), "text")}, "t": table}

    found = artefacts.contents(artefacts.dump(held))

    assert {place: array.tolist() for place, array in found.items()} == {
        "['x']": [[1, 2], [3, 4]],
        "['y']['z'][0]": [0, 1, 2],
        "['t']['a']": [1, 3],
        "['t']['b']": [2, 4],
    }


@pytest.mark.parametrize("form", ["pickle", "joblib"])
def test_contents_runs_nothing(tmp_path, form):
    marker = tmp_path / "marker"
    call = artefacts.Call(exec, f"open({str(marker)!r}, 'wb').close()")
    objects = np.array([call, 1], dtype=object)
    artefact = artefacts.dump({"numbers": np.arange(5), "trap": objects}, form=form)

    held = artefacts.contents(artefact)

    assert not marker.exists()
    assert held["['numbers']"].tolist() == [0, 1, 2, 3, 4]
    joblib.load(io.BytesIO(artefact))  # who opens it, runs it
    assert marker.exists()


def test_contents_of_a_loop_end():
    loop = [np.arange(3)]
    loop.append(loop)

    assert list(artefacts.contents(artefacts.dump(loop))) == ["[0]"]


def test_a_file_that_is_no_pickle_has_no_contents():
    with pytest.raises(ArtefactRefused, match="cannot be read as a pickle"):
        artefacts.contents(b"no pickle")


def test_blanking_sets_one_array_to_zero_and_leaves_the_rest(neighbours):
    model, X = neighbours
    artefact = artefacts.dump(model)

    blank = artefacts.blanked(artefact, "._fit_X")

    held = artefacts.contents(blank)
    assert not held["._fit_X"].any()
    assert len(blank) == len(artefact)
    others = artefacts.contents(artefact)
    for place, array in others.items():
        if place != "._fit_X":
            np.testing.assert_array_equal(held[place], array)
    assert artefacts.reopened(blank)._fit_X.shape == X.shape


def test_blanking_knows_arrays_by_columns(neighbours):
    _, X = neighbours
    artefact = artefacts.dump({"x": np.asfortranarray(X)})

    assert not artefacts.contents(artefacts.blanked(artefact, "['x']"))["['x']"].any()


@pytest.mark.parametrize("place", ["elsewhere", "['list']"])
def test_what_is_no_array_cannot_be_blanked(place):
    artefact = artefacts.dump({"list": [1.5, 2.5]})

    with pytest.raises(BadInput, match="got the place"):
        artefacts.blanked(artefact, place)
