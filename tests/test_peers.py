"""Does the comparison with others judge fairly, and say what it was given?"""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy import ndimage

import marked
from bench import pgd as bench_pgd
from foible import data, models
from foible.attacks import evasion as attacks
from foible.failures import corruption as worse
from foible.failures import reward_hacking as racing
from foible.road.views import draw_views
from foible.search import Ball
from peers import __main__ as command
from peers import (
    corruption,
    evasion,
    networks,
    physical_patch,
    reprogramming,
    reward_hacking,
    table,
)


def row(ours, theirs, better, slack=0.0):
    return table.Row(
        "a task", "a measure", ours, 0.5, "a peer", theirs, 2.0, better, slack
    )


@pytest.mark.parametrize(
    ("ours", "theirs", "better", "strong"),
    [
        (0.9, 0.8, "higher", True),
        (0.8, 0.9, "higher", False),
        (0.1, 0.2, "lower", True),
        (0.2, 0.1, "lower", False),
        (1.0, 1.0, "equal", True),
        (1.0, 1.1, "equal", False),
    ],
)
def test_as_strong_is_what_the_measure_says(ours, theirs, better, strong):
    assert row(ours, theirs, better).strong is strong


def test_the_slack_is_what_chance_may_take():
    assert row(0.80, 0.82, "higher", 0.03).strong
    assert not row(0.80, 0.84, "higher", 0.03).strong


def test_a_line_gives_both_numbers_and_both_times():
    line = str(row(0.9, 0.8, "higher"))

    assert line.split("|")[3:-1] == [
        " 0.9 ",
        " 0.8 ",
        " a peer ",
        " 0.5 ",
        " 2 ",
        " yes ",
        " 4.0 ",
    ]
    assert line.count("|") == table.HEAD[0].count("|")


def test_a_family_that_there_is_not_is_refused():
    with pytest.raises(SystemExit, match="got sorcery; wanted some of"):
        command.main(["sorcery"])


def test_a_peer_that_does_not_end_is_given_up():
    with pytest.raises(table.GaveUp, match="1 s"), table.at_most(1):
        while True:
            pass


def test_a_peer_gets_the_very_same_network():
    rows = data.digits().split(0.1, seed=0)[0]
    network = models.network(hidden=8, steps=5)(rows, seed=0)

    theirs = networks.in_torch(network)(torch.from_numpy(np.array(rows.X)))

    np.testing.assert_allclose(theirs.detach().numpy(), network.logits(rows.X))


FAKE = table.Row("a task", "a measure", 0.8, 0.5, "a peer", 0.9, 2.0, "higher")


def test_a_family_rewrites_its_own_table_only(tmp_path, monkeypatch, capsys):
    page = tmp_path / "page.md"
    page.write_text(
        "a\n<!-- peers: mine -->\nold\n<!-- /peers: mine -->\n"
        "<!-- peers: other -->\nkept\n<!-- /peers: other -->\nz\n"
    )
    monkeypatch.setitem(command.FAMILIES, "mine", lambda: iter([FAKE]))

    weak = command.main(["mine"], page)

    lines = page.read_text().splitlines()
    assert weak == 1
    assert lines[2:5] == [*table.HEAD, str(FAKE)]
    assert lines[-4:] == [
        "<!-- peers: other -->",
        "kept",
        "<!-- /peers: other -->",
        "z",
    ]
    assert str(FAKE) in capsys.readouterr().out


@pytest.mark.parametrize("text", ["no marks", "<!-- mine --> never closed"])
def test_a_page_without_the_marks_is_left_alone(tmp_path, text):
    page = tmp_path / "page.md"
    page.write_text(text)

    assert not marked.rewrite(page, "mine", "new")
    assert page.read_text() == text


def test_a_peer_is_timed_by_its_fastest_round(monkeypatch):
    clock = iter([0, 5, 5, 8, 8, 12])
    monkeypatch.setattr(table.time, "process_time", lambda: next(clock))

    assert table.timed(lambda: "done", rounds=3) == ("done", 3)


def test_rows_that_should_be_the_same_must_be():
    same = row(0.5, 0.5, "equal")._replace(apart=1e-7)

    assert same.strong
    assert not same._replace(apart=1e-3).strong


def test_the_summary_counts_only_what_is_as_strong_as_fast():
    fast, slow = row(1, 1, "equal"), row(1, 1, "equal")._replace(seconds=1.0)
    weak = row(1, 2, "equal")

    said = command.summary([fast, slow, weak])

    assert said.startswith("as strong in 2 of 3 lines, and in 1 of these")


def test_a_peer_gets_the_very_same_convolutional_network():
    rows = data.draw_signs(40, seed=0)
    network = models.convolutional(filters=(4, 6), hidden=8, steps=3)(rows, seed=0)
    X = rows.X[:7]
    images = torch.from_numpy(networks.images(X, rows.image))

    by_rows = networks.in_torch(network)(torch.from_numpy(np.array(X)))
    by_images = networks.OfImages(network)(images)

    assert by_rows.dtype == torch.float64
    np.testing.assert_allclose(by_rows.numpy(), network.logits(X), atol=1e-12)
    np.testing.assert_allclose(by_images.numpy(), network.logits(X), atol=1e-5)
    assert networks.in_torch(network).float()(images.new_tensor(X)).dtype == (
        torch.float32
    )


def test_a_peers_network_has_the_slope_of_ours():
    rows = data.digits().take(slice(30))
    network = models.network(hidden=8, steps=5)(rows, seed=0)
    X = torch.tensor(rows.X, requires_grad=True)

    said = networks.in_torch(network)(X)
    torch.nn.functional.cross_entropy(
        said, torch.tensor(rows.y), reduction="sum"
    ).backward()

    np.testing.assert_allclose(X.grad, network.gradient(rows.X, rows.y), atol=1e-12)


@pytest.mark.parametrize("name", command.FAMILIES)
def test_every_family_has_a_place_for_its_table(name):
    text = command.PAGE.read_text(encoding="utf-8")

    assert f"<!-- peers: {name} -->" in text
    assert f"<!-- /peers: {name} -->" in text


@pytest.fixture
def task():
    rows = data.digits().take(slice(20))
    network = models.network(hidden=4, steps=3)(rows, seed=0)
    return evasion.Task("digits", network, rows, {"Linf": 0.1})


def benched(monkeypatch, task, apart):
    moved = task.rows.X + apart
    climbs = {"a peer, float64": (lambda: task.rows.X, lambda: moved)}
    monkeypatch.setattr(bench_pgd, "climbs", lambda *_: climbs)
    monkeypatch.setattr(bench_pgd, "digits", lambda: (task, task))
    monkeypatch.setattr(bench_pgd, "signs", lambda: task)


def test_the_bench_gives_every_time_as_a_ratio(monkeypatch, task, tmp_path, capsys):
    benched(monkeypatch, task, 1e-9)

    assert bench_pgd.main(tmp_path / "no page") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].startswith("| 20 digits | ours, float64 |")
    assert lines[3].startswith("| 20 digits | a peer, float64 |")
    assert lines[3].endswith("| 1.0e-09 |")


def test_the_bench_stops_where_the_rows_are_not_the_same(monkeypatch, task, tmp_path):
    benched(monkeypatch, task, 1e-3)

    with pytest.raises(SystemExit, match=r"a peer, float64 that are 1.0e-03 apart"):
        bench_pgd.main(tmp_path / "no page")


def test_our_side_of_a_climb_is_the_attack_of_the_book(task):
    ball = Ball(0.1)

    moved = evasion._ours(task.first(5), ball, 3)()

    X, y = task.rows.X[:5], task.rows.y[:5]
    np.testing.assert_array_equal(
        moved, attacks.pgd(task.model, X, y, ball=ball, steps=3, seed=0)
    )


def test_a_row_that_is_still_read_rightly_is_not_near(task):
    said = task.model.predict(task.rows.X)

    assert evasion._median(task, said, task.rows.X, "L2") == np.inf
    assert evasion._median(task, said + 1, task.rows.X, "L2") == 0


def test_a_plan_is_worth_what_is_earned_on_the_way():
    race = racing.race(racing.course())
    paid = race.arrives.astype(float)
    policy = racing.planned(race, paid, discount=0.97)

    moves = len(racing.sailed(race, policy, steps=100)) - 1
    worth = reward_hacking._worth(race, paid, policy)

    assert race.home[racing.sailed(race, policy, steps=100)[-1]]
    assert worth[race.start] == pytest.approx(0.97 ** (moves - 1))
    assert not worth[race.ends].any()


def test_a_peer_that_repeats_the_border_blurs_as_ours_does():
    rows = data.draw_signs(3, seed=0)

    def blur(picture, severity):
        sigma = corruption.BLUR[severity - 1]
        return ndimage.gaussian_filter(picture, (sigma, sigma, 0), mode="nearest")

    theirs = SimpleNamespace(gaussian_blur=blur)
    pictures = rows.X.reshape(3, *rows.image)
    strength = 2 / rows.image[1] / 0.03

    moved = corruption._blurred(theirs, pictures, 2)

    ours = worse.corrupted(rows, [("blur", strength)], seed=0).X
    np.testing.assert_allclose(moved.reshape(3, -1), ours, atol=1e-12)


def test_a_peer_gets_our_draws():
    rows = data.digits().take(slice(4))
    theirs = SimpleNamespace(
        gaussian_noise=lambda picture, _: (
            picture + 255 * np.random.normal(size=picture.shape, scale=0.08)  # noqa: NPY002
        )
    )

    moved = corruption._noisy(theirs, rows.X.reshape(4, 8, 8, 1), 1)

    ours = worse.corrupted(rows, [("noise", 0.8)], seed=0).X
    np.testing.assert_allclose(np.clip(moved, 0, 1).reshape(4, -1), ours, atol=1e-12)


def test_a_patch_is_pasted_into_the_middle_and_nowhere_else():
    exposure = physical_patch._in_the_middle(draw_views(2, seed=0), 8)
    patch = np.linspace(0.1, 0.9, 3 * 8**2)

    seen = exposure.pictures(patch).reshape(2, 32, 32, 3)
    grey = exposure.grey.reshape(2, 32, 32, 3)

    inside = (slice(None), slice(12, 20), slice(12, 20))
    np.testing.assert_allclose(seen[inside].reshape(2, -1), [patch, patch], atol=1e-6)
    seen[inside] = grey[inside] = 0
    np.testing.assert_array_equal(seen, grey)


def test_a_network_ends_in_what_its_answers_mean():
    rows = data.digits().take(slice(30))
    network = models.network(hidden=8, steps=5)(rows, seed=0)
    names = np.arange(10) % 3
    images = torch.from_numpy(networks.images(rows.X, rows.image))

    meant = reprogramming._Meant(network, names)(images).softmax(dim=1)

    chances = network.predict_proba(rows.X)
    sums = [chances[:, names == kind].sum(axis=1) for kind in range(3)]
    np.testing.assert_allclose(meant.numpy(), np.transpose(sums), atol=1e-6)
