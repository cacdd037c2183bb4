"""No word that a tool gave back chooses anything, in any run of any plan."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from foible.defences import labelling
from foible.defences.labelling import Field, Step

BILL = frozenset({"bill"})
POLICY = {"read": (frozenset(),), "pay": (frozenset(), BILL)}
FIELDS = [Field("due", "bill"), Field("for", "bill"), Field("meet", "letter")]
WORDS = ["ada", "eve", "7", "9", "bill", "pay", "read", "due", ""]

arguments = st.one_of(st.sampled_from(WORDS), st.sampled_from(FIELDS))
tools = st.one_of(st.sampled_from(["pay", "read", "send"]), st.sampled_from(FIELDS))
whens = st.one_of(st.none(), st.sampled_from(FIELDS))
steps = st.builds(
    Step, tools, st.lists(arguments, min_size=1, max_size=2).map(tuple), whens
)
plans = st.lists(steps, max_size=5)
readings = st.fixed_dictionaries({one: st.sampled_from(WORDS) for one in FIELDS})


@given(plans, readings, readings)
def test_what_is_chosen_is_the_same_whatever_the_tools_say(plan, one, other):
    runs = [labelling.run(plan, POLICY, said.__getitem__) for said in (one, other)]

    first, second = (labelling.choices(run, POLICY) for run in runs)
    assert first == second
    assert runs[0].refused == runs[1].refused


@given(plans, readings)
def test_no_choice_comes_from_a_tool_and_no_value_from_elsewhere(plan, said):
    done = labelling.run(plan, POLICY, said.__getitem__)

    assert all(not v.sources for one in labelling.choices(done, POLICY) for v in one)
    for tool, *values in done.calls:
        for value, allowed in zip(values, POLICY[tool.word], strict=True):
            assert value.sources <= allowed


def test_without_labels_and_without_conditions_under_them_something_is_swayed():
    due, who = Field("due", "bill"), Field("for", "bill")
    pay, read = Step("pay", ("ada", due)), Step("read", ("bill",))
    every = [[read, pay], [Step("pay", (who, due))], [Step("pay", ("ada", "7"), due)]]
    worlds = [
        dict(zip((due, who), words, strict=True)).__getitem__
        for words in product(("7", "due"), ("ada", "eve"))
    ]

    found = {
        rule: labelling.swayed(every, POLICY, worlds, rule=rule)
        for rule in ("strict", "arguments", "none")
    }

    assert found == {"strict": 0, "arguments": 1, "none": 2}


def test_a_plan_is_broken_off_where_it_is_forbidden_and_says_why():
    plan = [
        Step("read", ("bill",)),
        Step("pay", (Field("for", "bill"), "7")),
        Step("pay", ("ada", "7")),
    ]

    done = labelling.run(plan, POLICY, lambda _: "eve")

    assert done.words == (("read", "bill"),)
    assert done.refused == "bill would choose for pay"
    unknown = labelling.run([Step("burn", ("bill",))], POLICY, lambda _: "")
    assert unknown.refused == "no tool burn with 1 arguments"


def test_a_sum_may_come_from_the_bill_and_from_nowhere_else():
    def pays(field):
        return labelling.run([Step("pay", ("ada", field))], POLICY, lambda _: "12")

    assert pays(Field("due", "bill")).words == (("pay", "ada", "12"),)
    assert pays(Field("meet", "letter")).calls == ()


def test_a_written_plan_is_read_with_its_fields_and_conditions():
    where = {"due": "bill", "late": "bill"}

    read, pay, asked = labelling.parsed(
        ["read", "bill", ";", "late", "pay", "ada", "due", ";", "asks"], where
    )

    due, late = Field("due", "bill"), Field("late", "bill")
    assert read == Step("read", ("bill",))
    assert pay == Step("pay", ("ada", due), late)
    assert asked == Step(Field("asks", "bill"))
    assert labelling.fields((pay, asked, pay)) == [late, due, Field("asks", "bill")]
    assert labelling.parsed([";", ";"], where) == ()
