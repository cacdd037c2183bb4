from dataclasses import replace

import pytest

from foible import data


@pytest.fixture(scope="session")
def in_shares():
    """A table with each of its columns, and of its numbers to tell, up to one."""

    def shared(rows):
        y = rows.y if rows.classes else rows.y / rows.y.max()
        return replace(rows, X=rows.X / rows.X.max(axis=0), y=y)

    return shared


@pytest.fixture(scope="session")
def clinic(in_shares):
    ten = data.clinic().select(data.clinic().columns[:10])
    return in_shares(ten).split(0.3, seed=0)
