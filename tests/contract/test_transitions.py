"""What we rely on in transitions 0.9.3, and what keeps us from the more usual ways of using it."""

import enum
from importlib.metadata import version

import pytest
from transitions import EventData, Machine, MachineError

STATES = ["ask_name", "ask_phone", "review"]
TRANSITIONS = [
    {"trigger": "answered", "source": "ask_name", "dest": "ask_phone", "conditions": "is_complete", "after": "note"},
    {"trigger": "answered", "source": "ask_phone", "dest": "review"},
]


class Session:
    """A session as ours: slots, and a state that came out of the database."""

    __slots__ = ("notes", "ready", "state")

    def __init__(self, state: str, *, ready: bool = True) -> None:
        self.state = state
        self.ready = ready
        self.notes: list[object] = []

    def is_complete(self, event: EventData) -> bool:
        self.notes.append(event.kwargs["event"])
        return self.ready

    def note(self, event: EventData) -> None:
        assert event.transition is not None
        self.notes.append(event.transition.dest)


class Listener:
    """A model with a method whose name the library wires, if it is registered."""

    def __init__(self) -> None:
        self.state = "ask_name"
        self.entered = 0

    def on_enter_ask_phone(self, _: EventData) -> None:
        self.entered += 1


def machine() -> Machine:
    return Machine(
        model=None,
        states=STATES,
        transitions=TRANSITIONS,
        initial="ask_name",
        auto_transitions=False,
        send_event=True,
    )


def test_the_version_is_the_one_that_was_read() -> None:
    assert version("transitions") == "0.9.3"


def test_a_machine_without_models_moves_any_object_by_its_state() -> None:
    one, other = Session("ask_name"), Session("ask_phone")
    shared = machine()
    assert shared.models == []
    assert shared.events["answered"].trigger(one, event="张三") is True
    assert (one.state, one.notes) == ("ask_phone", ["张三", "ask_phone"])
    assert shared.events["answered"].trigger(other, event="x") is True
    assert other.state == "review"
    assert shared.models == []


def test_a_guard_that_says_no_leaves_the_state() -> None:
    session = Session("ask_name", ready=False)
    assert machine().events["answered"].trigger(session, event="x") is False
    assert session.state == "ask_name"


def test_a_trigger_that_is_not_for_this_state_raises() -> None:
    with pytest.raises(MachineError):
        machine().events["answered"].trigger(Session("review"), event="x")


def test_a_state_nobody_knows_raises() -> None:
    with pytest.raises(ValueError, match="forgotten"):
        machine().events["answered"].trigger(Session("forgotten"), event="x")


def test_the_triggers_of_a_state_are_known_without_a_model() -> None:
    assert machine().get_triggers("ask_phone") == ["answered"]
    assert machine().get_triggers("review") == []


def test_registering_a_restored_object_resets_its_state() -> None:
    class Restored:
        state = "review"

    restored = Restored()
    machine().add_model(restored)
    assert restored.state == "ask_name"


def test_on_enter_methods_are_not_called_unless_the_object_is_registered() -> None:
    stranger = Listener()
    moved = machine()
    moved.events["answered"].transitions["ask_name"][0].conditions.clear()
    moved.events["answered"].transitions["ask_name"][0].after.clear()
    moved.events["answered"].trigger(stranger, event="x")
    assert (stranger.state, stranger.entered) == ("ask_phone", 0)
    registered = Listener()
    moved.add_model(registered)
    moved.events["answered"].trigger(registered, event="x")
    assert (registered.state, registered.entered) == ("ask_phone", 1)


def test_a_registered_object_wires_its_methods_name_for_all() -> None:
    wired = machine()
    wired.add_model(Listener())
    with pytest.raises(AttributeError, match="on_enter_ask_phone"):
        wired.events["answered"].trigger(Session("ask_name"), event="x")


def test_states_of_a_str_enum_go_by_their_members_names() -> None:
    class State(enum.StrEnum):
        ASK_NAME = "ask_name"
        ASK_PHONE = "ask_phone"

    named = Machine(model=None, states=State, initial=State.ASK_NAME, auto_transitions=False)
    assert list(named.states) == ["ASK_NAME", "ASK_PHONE"]
    with pytest.raises(ValueError, match="ask_name"):
        named.get_state("ask_name")
