import numpy as np
import pytest

import fuzz
from foible import artefacts
from foible.errors import ArtefactRefused


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_six_hundred_odd_files_kill_hang_and_fill_no_loader(tmp_path):
    tallies = fuzz.fuzzed(600, seed=1, keep=tmp_path)

    assert list(tallies) == [*list(artefacts.LOADERS)[4:], "contents"]
    assert {tally.dead for tally in tallies.values()} == {0}
    assert sum(sum(tally.ends.values()) for tally in tallies.values()) == 600
    assert all({"refused", "sound"} <= set(t.ends) for t in tallies.values())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.filterwarnings("ignore")
def test_the_fuzz_sees_what_kills_a_list_that_calls():
    def called(artefact):
        try:
            artefacts.as_listed(artefact).predict(fuzz.ROWS)
        except Exception as problem:
            raise ArtefactRefused(str(problem)) from problem
        return fuzz.FOREST

    loader = artefacts.Loader("pickle", called)
    random, tally = np.random.default_rng(0), fuzz.Tally()
    files = [fuzz.odd_file("pickle", random) for _ in range(60)]

    deadly = fuzz.tried(files, lambda file: fuzz.use(loader, file), tally)

    assert 0 < tally.dead <= len(deadly)  # some end so only now and then
    assert tally.ends["dies of SIGSEGV"] > 0
    assert sum(tally.ends.values()) == 60


def test_an_unaltered_pickle_is_sound_after_it_was_taken_apart():
    honest = b"\x80\x04" + b"".join(fuzz._steps(fuzz.HONEST["pickle"])) + b"."

    assert fuzz.use(artefacts.LOADERS["allow list"], honest) == "sound"
    assert fuzz.look(honest) == "sound"


@pytest.mark.parametrize(
    ("read", "how"),
    [
        (lambda file: 1 // 0, "breaks by ZeroDivisionError"),
        (lambda file: bytes(10**9) and "sound", "breaks by MemoryError"),
    ],
)
def test_a_file_that_breaks_its_reader_is_kept(read, how):
    tally = fuzz.Tally()

    assert fuzz.tried([b"a", b"b"], read, tally) == [b"a", b"b"]
    assert tally.ends == {how: 2}
    assert tally.dead == 2
