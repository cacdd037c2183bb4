import inspect
import re

from foible import errors


def classes():
    return {
        name: cls
        for name, cls in inspect.getmembers(errors, inspect.isclass)
        if cls.__module__ == errors.__name__
    }


def test_the_tree_at_the_top_of_the_module_is_the_tree():
    drawn = re.findall(r"^[ │├└─]*([A-Z]\w+)", errors.__doc__, re.MULTILINE)[1:]

    assert set(drawn) - {"Exception", "Warning"} == set(classes())


def test_every_error_descends_from_one_base_and_says_what_happened():
    for name, cls in classes().items():
        warns = name in ("WeakEvidence", "ModelRemade")
        base = Warning if warns else errors.FoibleError

        assert issubclass(cls, base)
        assert cls.__doc__.endswith(".")
