"""Does the script that justifies ranges move every seed, and nothing else?"""

import ast

import pytest

import spread


@pytest.mark.parametrize(
    ("cell", "moved"),
    [
        ("f(x, seed=3)", "f(x, seed=1003)"),
        ("f(seeds=range(5))", "f(seeds=range(0 + 1000, 5 + 1000))"),
        ("f(seeds=range(2, 9, 3))", "f(seeds=range(2 + 1000, 9 + 1000, 3))"),
        (
            "[w(seed) for seed in range(4)]",
            "[w(seed) for seed in range(0 + 1000, 4 + 1000)]",
        ),
        (
            "for seed in range(4): f(seed)",
            "for seed in range(0 + 1000, 4 + 1000):\n    f(seed)",
        ),
        ("seeds = range(3)", "seeds = range(0 + 1000, 3 + 1000)"),
        (
            "rows, seeds = load(4), range(3)",
            "rows, seeds = (load(4), range(0 + 1000, 3 + 1000))",
        ),
        ("seed, a, b = 3, *load(4)", "seed, a, b = (1003, *load(4))"),
        ("f(key=7)", "f(key=1007)"),
        ("min(rows, key=len)", "min(rows, key=len)"),
        ("f(seed=v.seed, trees=5)", "f(seed=v.seed, trees=5)"),
        ("[x for x in range(4)]", "[x for x in range(4)]"),
    ],
)
def test_a_seed_is_moved_wherever_a_cell_names_it(cell, moved):
    tree = spread.Shifted(1000).visit(ast.parse(cell))

    assert ast.unparse(ast.fix_missing_locations(tree)) == moved


def test_a_chapter_is_run_to_its_end_and_what_fails_is_said():
    cells = [
        "from foible.findings import finding\nimport numpy as np",
        "raise ValueError('a cell that fails')",
        "draw = np.random.default_rng(np.random.default_rng(0).integers(9))",
        "def at(*, seed): return seed",
        "finding('where', at(seed=1), '{:.0f}', between=(0, 1))",
    ]

    found, wrong = spread.stated(cells, by=1000)

    assert wrong == ["ValueError: a cell that fails\n"]
    assert found == {"where": (1001.0, "{:.0f}", (0, 1))}


def test_a_line_says_what_lies_outside_and_what_the_seeds_justify():
    runs = [(value, "{:.0%}", (0.1, 0.3)) for value in (0.2, 0.4)]

    said = spread.line("caught", runs)

    assert "(0.0586, 0.541)" in said
    assert said.endswith("20% 40%  OUTSIDE 1")
