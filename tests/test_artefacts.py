import io
import os
import pickle
import signal

import joblib
import numpy as np
import pytest
from numpy._core.multiarray import scalar
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


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("columns", lambda a: -a),
        ("columns", lambda a: a.astype(float)),
        ("classes", lambda a: a[:, None]),
        ("0.threshold", lambda a: a[:1]),
        ("0.feature", lambda a: a.astype(float)),
        ("0.values", lambda a: a[:, 0]),
        ("0.values", lambda a: a.astype(complex)),
        ("0.values", lambda a: a[:3]),
    ],
)
def test_a_table_of_other_kinds_or_shapes_is_no_forest(name, change, forest):
    table = artefacts.arrays(forest)
    table[name] = change(table[name])

    with pytest.raises(ArtefactRefused, match=r"no forest's, by '(columns|classes|0)"):
        artefacts.forest(table)


@pytest.mark.parametrize("names", [{"0.depth"}, set()], ids=["less", "more"])
def test_a_table_with_other_arrays_is_no_forest(names, forest):
    table = {k: v for k, v in artefacts.arrays(forest).items() if k not in names}
    table |= {} if names else {"note": np.ones(1)}

    with pytest.raises(ArtefactRefused, match=r"no forest's, by '(0.depth|note)'"):
        artefacts.forest(table)


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize(
    ("field", "node", "value"),
    [("depth", 0, 1), ("depth", 0, 10**9), ("right_child", -1, 0), ("feature", -1, 0)],
    ids=["too shallow", "too deep", "half a leaf", "a leaf that asks"],
)
def test_a_tree_is_as_deep_as_it_says_and_its_leaves_are_leaves(
    loader, field, node, value, forest
):
    table = artefacts.arrays(forest)
    table["2." + field] = table["2." + field].copy()
    table["2." + field][node] = value
    file = artefacts.dump(artefacts.forest(table), form=LOADERS[loader].form)

    with pytest.raises(ArtefactRefused, match="not as deep as it says"):
        artefacts.load(file, loader=loader)


@pytest.mark.parametrize("form", ["pickle", "skops"])
def test_a_model_in_the_place_of_a_tree_is_no_tree(form, forest):
    odd = artefacts.reopened(artefacts.dump(forest))
    inner, tree = odd.estimators_[1], odd.estimators_[0].tree_
    for field in ("children_left", "children_right", "feature", "value", "node_count"):
        setattr(inner, field, getattr(tree, field))
    odd.estimators_[0].tree_ = inner
    file = artefacts.dump(odd, form=form)

    for name, loader in LOADERS.items():
        if loader.form == form:
            with pytest.raises(ArtefactRefused):
                artefacts.load(file, loader=name)


@pytest.mark.parametrize("place", ["classes_", "estimators_"])
def test_objects_at_made_up_addresses_are_never_made(place, forest):
    odd = artefacts.reopened(artefacts.dump(forest))
    setattr(odd, place, Call(np.ndarray, (1,), "O", b"AAAAAAAA"))
    file = artefacts.dump(odd)

    with pytest.raises(ArtefactRefused):
        artefacts.load(file)


def test_skops_may_build_nothing_but_what_a_forest_needs(forest):
    odd = artefacts.reopened(artefacts.dump(forest))
    odd.classes_ = np.array([None, "a", "b"], dtype=object)

    with pytest.raises(ArtefactRefused, match=r"NdArrayNode build numpy\.ndarray"):
        artefacts.load(artefacts.dump(odd, form="skops"), loader="skops, reviewed list")
    odd.classes_ = LogisticRegression()
    with pytest.raises(ArtefactRefused, match=r"build sklearn.*LogisticRegression"):
        artefacts.load(artefacts.dump(odd, form="skops"), loader="skops, reviewed list")


# ---------------------------------------------------------------- apart


def test_a_file_opened_apart_gives_the_same_forest(forest, rows):
    found = artefacts.load_apart(artefacts.dump(forest))

    np.testing.assert_array_equal(found.predict_proba(rows), forest.predict_proba(rows))


def test_what_is_refused_apart_is_refused_in_the_same_words(forest):
    file = artefacts.dump(forest.estimators_[0])

    with pytest.raises(ArtefactRefused, match="holds a DecisionTreeClassifier"):
        artefacts.load_apart(file)


def test_a_file_that_takes_too_long_or_too_much_is_refused_apart(forest):
    wide = artefacts.dump(forest)[:-1] + b"r\0\0\0\x7f."  # remembered at two billion

    with pytest.raises(ArtefactRefused, match="whose loader hangs; wanted one that"):
        artefacts.load_apart(OVERGROWN["a knot"], seconds=0.1)
    with pytest.raises(ArtefactRefused, match="MemoryError"):
        artefacts.load_apart(wide)


def test_work_apart_says_how_it_ended_and_leaves_nothing(capfd):
    def deadly():
        print("heard", flush=True)
        os.kill(os.getpid(), signal.SIGSEGV)

    assert artefacts.apart(lambda: b"x" * 10**6, seconds=1).gave == b"x" * 10**6
    assert artefacts.apart(deadly, seconds=1).how == "dies of SIGSEGV"
    assert artefacts.apart(lambda: any(iter(int, 1)), seconds=0.1).how == "hangs"
    assert artefacts.apart(lambda: b"x" * 10**8, seconds=2).memory > 9 * 10**7
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        artefacts.apart(lambda: 1 // 0, seconds=1)
    assert capfd.readouterr() == ("", "")


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


OVERGROWN = {
    "lists of lists": b"(F1\nlq\0" + b"(h\0h\0lq\0" * 28 + b".",
    "a knot": b"\x80\x02})q\0" + b"h\0\x86q\0" * 64 + b"Ns.",
    "a knot in a set": b"\x80\x04\x8f()q\0" + b"h\0\x86q\0" * 64 + b"\x90.",
    "bytes that are not there": b"\x80\x05\x96"
    + (1 << 40).to_bytes(8, "little")
    + b".",
    "a scalar": artefacts.dump(Call(scalar, np.dtype("V1000000000"))),
    "an array": artefacts.dump(Call(np.ndarray, (10**9,), "f8")),
    "letters as objects": artefacts.dump(Call(np.ndarray, (1,), "O", b"AAAAAAAA")),
    "a large memo": b"\x80\x02Nr\0\0\0\x7f.",
    "keys that read alike": b"}(" + b"(K\1t(K\1l" * 10_000 + b"u.",
    "many states": b"cX\nY\n)R" + b"Nb" * 30_000 + b".",
    "what many share": b"(cX\nY\n("
    + b"N" * 30_000
    + b"tq\0"
    + b"cX\nY\nh\0R" * 3000
    + b"l.",
    "depth": b"]" * 20_000 + b"a" * 19_999 + b".",
}


@pytest.mark.parametrize("artefact", OVERGROWN.values(), ids=OVERGROWN)
def test_contents_takes_no_more_than_the_file_is_worth(artefact):
    def looked():
        artefacts.contents(artefact)
        return b""

    ended = artefacts.apart(looked, seconds=1, memory=50 * 2**20)

    assert ended.how in {"done", "refused"}
    assert b"MemoryError" not in ended.gave


def test_a_file_that_unfolds_without_end_is_refused():
    with pytest.raises(ArtefactRefused, match="unfolds into far more"):
        artefacts.contents(b"]" * 20_000 + b"a" * 19_999 + b".")


def test_rows_that_lie_deep_in_lists_are_found():
    held = [[1.0, 2.0], [3.0, 4.0]]
    for _ in range(60):
        held = [held, "a letter"]

    (found,) = artefacts.contents(artefacts.dump(held)).values()

    np.testing.assert_array_equal(found, [[1, 2], [3, 4]])


def test_every_field_is_found_of_every_table():
    tables = [np.zeros(3, [("a", int), ("b", float)]) for _ in range(50)]

    assert len(artefacts.contents(artefacts.dump({"x": tables, "y": None}))) == 100


def test_keys_that_read_alike_hide_nothing():
    file = pickle.dumps({(1, 2): np.arange(2), (3, 4): np.arange(3)})

    found = artefacts.contents(file)

    assert list(found) == ["[...]", "[...] (2)"]
    assert [len(a) for a in found.values()] == [2, 3]


def test_instructions_of_what_is_no_pickle_are_refused():
    with pytest.raises(ArtefactRefused, match="that is no pickle"):
        artefacts.opcodes(b"no pickle")


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
