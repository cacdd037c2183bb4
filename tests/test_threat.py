import pytest

from foible import threat
from foible.errors import BadInput

PHRASES = {"wants": "a <b>", "knows": "b", "controls": "c", "asks": "nothing"}


def test_the_taxonomy_has_its_17_modes_in_order():
    modes = [mode for mode in threat.failure_modes() if mode.number]

    assert [mode.number for mode in modes] == list(range(1, 18))
    assert [mode.part.attacker for mode in modes] == [True] * 11 + [False] * 6
    assert len({mode.stem for mode in modes}) == 17


def test_what_the_taxonomy_lacks_has_no_number_and_stands_beside_its_like():
    stems = [mode.stem for mode in threat.failure_modes()]

    assert threat.failure_mode("rows_in_files").number is None
    assert stems.index("rows_in_files") == stems.index("model_inversion") + 1
    assert len(stems) == len(set(stems))


def test_a_card_names_the_four_phrases_and_the_other_frameworks():
    card = threat.Threat("supply_chain", **PHRASES)._repr_html_()

    for words in ("The attacker wants", "The attacker asks", "AML.T0010", "ML06:2023"):
        assert words in card
    assert "NISTAML.05" in card


def test_a_card_escapes_what_it_is_given():
    card = threat.Threat("supply_chain", **PHRASES)._repr_html_()

    assert "a &lt;b&gt;" in card


def test_a_hazard_says_what_is_promised_and_when_it_breaks():
    card = threat.Hazard("corruption", promises="to read", breaks="it rains")

    assert "breaks when" in card._repr_html_()
    assert card.mode.part == threat.parts()["failures"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: threat.failure_mode("sorcery"), "wanted one of agents"),
        (lambda: threat.Threat("corruption", **PHRASES), "needs a Hazard"),
        (lambda: threat.Hazard("evasion", promises="p", breaks="b"), "needs a Threat"),
        (
            lambda: threat.Threat("evasion", **(PHRASES | {"asks": " "})),
            "got nothing for asks",
        ),
    ],
)
def test_a_wrong_card_is_one_clear_error(call, message):
    with pytest.raises(BadInput, match=message):
        call()
