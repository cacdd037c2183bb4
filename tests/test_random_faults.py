"""Does a small book heal, or say in one clear line why not, whatever befalls a build?

Each fault is drawn: a build is killed, a file of an earlier build is cut or changed,
the disk is full, dates are wrong, or the locale, the time zone or the home is another.
`FOIBLE_FAULTS` says how many there are; CI draws eight.
"""

import os
import random
import resource
import shutil
import time

import pytest
from small_book import built, ended, started
from test_walk import cold, damage, larger

from reproduce import differences

pytestmark = pytest.mark.slow

FAULTS = int(os.environ.get("FOIBLE_FAULTS", "8"))


def kill(book, dice):
    """Kill a build anywhere on its way, with a chapter to run."""
    forget(book)
    begun = time.monotonic()
    built(book)
    long = time.monotonic() - begun
    forget(book)
    build = started(book)
    time.sleep(dice.uniform(0, 1.1 * long))
    build.kill()
    return ended(build)


def forget(book):
    """Let a chapter run again."""
    shutil.rmtree(book / "_build/records/book/attacks/two", ignore_errors=True)


def cut(book, dice):
    """Lose the end of a file that an earlier build left."""
    files = sorted(path for path in book.glob("_build/**/*") if path.is_file())
    path = dice.choice(files)
    os.truncate(path, dice.randrange(path.stat().st_size + 1))
    return built(book)


def flip(book, dice):
    """Change a bit of a file that an earlier build left."""
    folders = [
        path for path in sorted(book.glob("_build/*/")) if any(path.rglob("*.*"))
    ]
    damage(dice.choice(folders), dice)
    return built(book)


def fill(book, dice):
    """Have a disk on which no file can be larger than a little."""
    room = int(10 ** dice.uniform(2, 5.5))
    return built(book, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)))


def clock(book, dice):
    """Have files of another time."""
    date = dice.choice([0, 1, 2**31, 2**33])
    for path in sorted(book.rglob("*")):
        if dice.random() < 0.5:
            os.utime(path, (date, date))
    return built(book)


def locale(book, dice):
    """Have another language, or one that is none."""
    name = dice.choice(["C", "POSIX", "tr_TR.UTF-8", "de_DE.ISO-8859-1", "none", ""])
    return built(book, LC_ALL=name, LANG=name)


def zone(book, dice):
    """Have another time zone, or one that is none."""
    return built(book, TZ=dice.choice(["Pacific/Kiritimati", "Etc/GMT+12", "none"]))


def home(book, dice):
    """Have another home, or none that can be written, by nobody and by root."""
    nowhere = book / "_toc.yml" / "home"
    place = str(dice.choice([nowhere, "/dev/null", book.parent]))
    return built(book, HOME=place)


KINDS = (kill, cut, flip, fill, clock, locale, zone, home)


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A book that was built, and its site."""
    folder = tmp_path_factory.mktemp("faults")
    book = larger(folder / "book")
    return book, cold(book, folder / "cold")


def test_every_fault_heals_or_is_one_clear_line(sound):
    book, good = sound
    dice = random.Random(0)
    assert built(book).exit == 0
    for number in range(FAULTS):
        fault = KINDS[number % len(KINDS)]
        met = fault(book, dice)
        print(number, fault.__name__, met.exit, flush=True)

        if fault is not kill:
            red = [line for line in met.said.splitlines() if "is NOT good" in line]
            assert "Traceback" not in met.said, (number, fault, met.said)
            assert len(red) == bool(met.exit), (number, fault, met.said)
        if met.exit == 0:
            assert differences(book / "_build/html", good) == {}, (number, fault)
        else:
            healed = built(book)
            assert healed.exit == 0, (number, fault, healed.said)
            assert differences(book / "_build/html", good) == {}, (number, fault)
