"""The scripts that measure and use many shadows."""

import re

import pytest

import bench_many
import cifar_shadows


@pytest.mark.slow
def test_the_table_has_a_row_for_each_number_of_shadows(capsys):
    assert bench_many.main((0, 24)) == 0

    told = capsys.readouterr().out
    assert re.findall(r"^\| (\d+) \| [\d.]+ \|", told, re.M) == ["0", "24"]


def run(folder, shadows, *more):
    small = ["--rows=200", "--side=8", "--width=2", "--epochs=1", "--device=cpu"]
    given = ["--invented", *small, f"--folder={folder}", f"--shadows={shadows}", *more]
    cifar_shadows.main(given)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*false alarms")
def test_networks_of_images_are_made_once(tmp_path, capsys):
    for shadows, made in ((16, 17), (16, 0), (18, 2)):
        run(tmp_path, shadows)

        assert f"made {made} networks" in capsys.readouterr().out


def test_where_there_is_no_such_data_it_ends_in_a_line(tmp_path):
    with pytest.raises(SystemExit, match=r"no whole .*data_batch_1.bin; wanted"):
        cifar_shadows.main([f"--data={tmp_path}", f"--folder={tmp_path}"])


def test_the_plan_counts_what_a_network_of_the_size_takes():
    known = 2 * 3 * 0.557e9  # twice the multiplications of ResNet-18's forward pass
    assert cifar_shadows.operations(64, 32) == pytest.approx(known, rel=0.02)
