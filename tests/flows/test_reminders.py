"""Reminders: asked for, dropped, said once when it is time, and not said when it is pointless."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flows.applicant.reminders import note_reminder
from flows.effects import Say
from flows.events import Came, Press
from flows.model import CLOSING_NOTICE, DAY, HOUR, Occasion, Plan, reminder_at
from tests.flows.stage import Chat, Reaction, Stage
from tests.flows.town import CLOSED, NOW, OPEN, UPCOMING


def due(chat: Chat, plan: Plan, occasion: Occasion, status: str = "due") -> Reaction:
    return chat.does(Came("reminder", {"status": status}, {"plan": plan.code, "occasion": occasion}))


def asks(chat: Chat, plan: Plan) -> Reaction:
    chat.opens_plan(plan)
    return chat.taps("remind")


@pytest.mark.parametrize(
    ("plan", "occasion", "at"),
    [(UPCOMING, Occasion.OPENS, UPCOMING.opens_at), (OPEN, Occasion.CLOSES, OPEN.closes_at - DAY)],
    ids=["opens", "closes"],
)
def test_a_reminder_is_asked_for_and_said_once(
    stage: Stage, chat: Chat, plan: Plan, occasion: Occasion, at: int
) -> None:
    assert asks(chat, plan).toast == "reminder_set"
    assert "remind" not in chat.ids
    assert stage.repository.has_reminder(plan.code, chat.chat_id, occasion)
    chat.commands("start")
    stage.now = at
    reaction = due(chat, plan, occasion)
    assert reaction.said == [f"reminder_{occasion}"]
    assert reaction.one(Say).links == (("see_plan", f"plan_{plan.code}"),)
    assert due(chat, plan, occasion).said == []


def test_a_reminder_is_looked_at_kept_and_dropped(stage: Stage, chat: Chat) -> None:
    asks(chat, OPEN)
    chat.taps("reminder")
    assert chat.at == "plans/reminder"
    chat.taps("back")
    assert chat.at == "plans/plan"
    chat.taps("reminder")
    assert chat.taps("drop").toast == "reminder_dropped"
    assert not stage.repository.has_reminder(OPEN.code, chat.chat_id, Occasion.CLOSES)
    assert "remind" in chat.ids


def test_a_reminder_that_was_said_while_it_was_looked_at_cannot_be_dropped(stage: Stage, chat: Chat) -> None:
    asks(chat, OPEN)
    chat.taps("reminder")
    stage.now = OPEN.closes_at - DAY
    due(chat, OPEN, Occasion.CLOSES)
    assert chat.does(Press("drop", "", chat.session.revision)).toast == "stale"
    assert chat.ids == ["back"]


def test_who_is_registered_is_not_reminded_of_the_end(stage: Stage, chat: Chat) -> None:
    asks(chat, OPEN)
    chat.signs_up().submits().registers()
    chat.opens_plan()
    assert not {"remind", "reminder"} & set(chat.ids)
    stage.now = OPEN.closes_at - DAY
    assert due(chat, OPEN, Occasion.CLOSES).said == []


def test_shortly_before_the_end_there_is_nothing_left_to_remind_of(stage: Stage, chat: Chat) -> None:
    stage.now = OPEN.closes_at - HOUR
    chat.opens_plan()
    assert "remind" not in chat.ids
    chat.opens_plan(CLOSED)
    assert "remind" not in chat.ids


@pytest.mark.parametrize("status", ["late", "given_up"])
def test_a_reminder_that_comes_too_late_is_not_said(chat: Chat, status: str) -> None:
    asks(chat, UPCOMING)
    assert due(chat, UPCOMING, Occasion.OPENS, status).said == []


def test_a_reminder_of_a_plan_that_is_withdrawn_closed_or_gone_is_not_said(stage: Stage, chat: Chat) -> None:
    for plan, occasion in ((UPCOMING, Occasion.OPENS), (OPEN, Occasion.CLOSES)):
        asks(chat, plan)
        stage.withdraw(plan)
        assert due(chat, plan, occasion).said == []
    stage.repository.add_reminder(CLOSED.code, chat.chat_id, Occasion.CLOSES, NOW)
    assert due(chat, CLOSED, Occasion.CLOSES).said == []
    stage.repository.add_reminder(CLOSED.code, chat.chat_id, Occasion.OPENS, NOW)
    stage.unpublish(CLOSED)
    assert due(chat, CLOSED, Occasion.OPENS).said == []


def test_a_reminder_of_an_opening_that_was_put_off_waits_for_it(stage: Stage, chat: Chat) -> None:
    asks(chat, UPCOMING)
    later = replace(UPCOMING, opens_at=UPCOMING.opens_at + DAY)
    assert stage.repository.change_plan(later, 1)
    stage.now = UPCOMING.opens_at
    assert due(chat, UPCOMING, Occasion.OPENS).said == []
    assert stage.repository.has_reminder(UPCOMING.code, chat.chat_id, Occasion.OPENS)
    stage.now = later.opens_at
    assert due(chat, UPCOMING, Occasion.OPENS).said == ["reminder_opens"]


@pytest.mark.parametrize(
    ("at", "occasion", "when"),
    [
        (UPCOMING.opens_at - 1, Occasion.OPENS, UPCOMING.opens_at),
        (UPCOMING.opens_at, Occasion.OPENS, None),
        (UPCOMING.closes_at - CLOSING_NOTICE[0] - 1, Occasion.CLOSES, UPCOMING.closes_at - CLOSING_NOTICE[0]),
        (UPCOMING.closes_at - CLOSING_NOTICE[0], Occasion.CLOSES, UPCOMING.closes_at - CLOSING_NOTICE[1]),
        (UPCOMING.closes_at - CLOSING_NOTICE[1], Occasion.CLOSES, None),
    ],
)
def test_a_reminder_is_due_at_the_next_of_its_moments(at: int, occasion: Occasion, when: int | None) -> None:
    assert reminder_at(UPCOMING, occasion, at) == when


def test_results_without_an_event_of_theirs_are_a_mistake_that_is_named(chat: Chat) -> None:
    with pytest.raises(TypeError, match="no result"):
        note_reminder(chat.turn())
