"""The one decision: the table that decides is the machine's own."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.conditions import Value
from engine.core.machine import Situation, by_machine, machine, permitted
from engine.core.workflow import UNBORN, Workflow
from tests.musterheide import library

WORKFLOWS = st.sampled_from([library().workflow(pin) for pin in library().current.values()])
VALUES: st.SearchStrategy[Value] = st.sampled_from(
    [None, True, False, 0, 1, "lapsed", "running", "complete", "decided", "held", "nachtrag"]
)


@given(WORKFLOWS, st.data())
@settings(max_examples=400, deadline=None)
def test_the_table_and_the_machine_agree_in_every_situation(
    workflow: Workflow, data: st.DataObject
) -> None:
    step = data.draw(st.sampled_from(list(workflow.steps.values())))
    state = data.draw(st.sampled_from([UNBORN, *workflow.states]))
    role = data.draw(st.sampled_from(["", "nobody", *sorted(step.by)]))
    values = {name: data.draw(VALUES) for name in sorted(workflow.names)}
    situation = Situation(state, values)
    assert permitted(workflow, situation, step, role).state == by_machine(
        workflow, situation, step, role
    )


def test_there_is_no_back_door_into_a_state() -> None:
    """Automatic transitions would lead anywhere, whatever the conditions say."""
    for pin in library().current.values():
        workflow = library().workflow(pin)
        assert set(machine(workflow).events) <= set(workflow.steps)
        assert machine(workflow).models == []


def test_a_situation_is_small_and_hashable() -> None:
    one = Situation("offen", {"case": "draft", "documents": None})
    assert one == Situation("offen", {"documents": None, "case": "draft"})
    assert len({one, Situation("offen", {"documents": None, "case": "draft"})}) == 1
