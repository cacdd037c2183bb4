"""How much faster are many networks trained side by side than one after the other?"""

from timeit import repeat

from foible import data, models

NETWORKS = 64
ROWS = 600
ROUNDS = 3


def main() -> None:
    """Train the same networks both ways; print the best times and their ratio."""
    digits, recipe = data.digits(), models.network(hidden=64, steps=100)
    seeds = range(NETWORKS)
    parts = [digits.split(ROWS / len(digits), seed=seed)[0] for seed in seeds]

    def one_by_one() -> None:
        for part, seed in zip(parts, seeds, strict=True):
            recipe(part, seed=seed)

    loop = min(repeat(one_by_one, number=1, repeat=ROUNDS))
    many = min(repeat(lambda: recipe.many(parts, seeds=seeds), number=1, repeat=ROUNDS))
    print(
        f"{NETWORKS} networks on {ROWS} digits each, {recipe}: one after the other "
        f"{loop:.1f} s, side by side {many:.1f} s, {loop / many:.1f} times as fast"
    )


if __name__ == "__main__":
    main()
