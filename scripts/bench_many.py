"""How much faster are many networks trained side by side than one after the other?"""

from time import perf_counter

from foible import data, models

NETWORKS = 64
ROWS = 600


def main() -> None:
    """Train the same networks both ways and print the times and their ratio."""
    digits, recipe = data.digits(), models.network(hidden=64, steps=100)
    seeds = range(NETWORKS)
    parts = [digits.split(ROWS / len(digits), seed=seed)[0] for seed in seeds]
    recipe(parts[0], seed=0)  # the first call pays for torch's start

    started = perf_counter()
    for part, seed in zip(parts, seeds, strict=True):
        recipe(part, seed=seed)
    between = perf_counter()
    recipe.many(parts, seeds=seeds)
    loop, many = between - started, perf_counter() - between

    print(
        f"{NETWORKS} networks on {ROWS} digits each, {recipe}: one after the other "
        f"{loop:.1f} s, side by side {many:.1f} s, {loop / many:.1f} times as fast"
    )


if __name__ == "__main__":
    main()
