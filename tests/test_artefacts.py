import pickle

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

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


@pytest.mark.parametrize("loader", LOADERS)
def test_every_loader_refuses_a_damaged_file_in_our_words(loader, forest):
    file = artefacts.dump(forest, form=LOADERS[loader].form)

    with pytest.raises(ArtefactRefused, match="wanted one that holds a model"):
        artefacts.load(file[: len(file) // 2], loader=loader)


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
    with pytest.raises(BadInput, match=r"wanted one of \['pickle'"):
        ask()


@pytest.mark.parametrize("loader", ["pickle", "joblib", "allow list"])
def test_no_loader_lets_through_what_is_no_forest(loader, forest):
    file = artefacts.dump(forest.estimators_[0], form=LOADERS[loader].form)

    with pytest.raises(ArtefactRefused, match="holds a DecisionTreeClassifier"):
        artefacts.load(file, loader=loader)


def test_a_node_with_two_parents_is_no_tree(forest):
    table = artefacts.arrays(forest)
    table["0.right_child"] = table["0.right_child"].copy()
    table["0.right_child"][0] = table["0.left_child"][0]
    file = artefacts.dump(artefacts.forest(table))

    with pytest.raises(ArtefactRefused, match="twice to one node"):
        artefacts.load(file)
