"""Reminders: asked for, called off, said once, and not said when there is no point any more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flows.effects import Say
from flows.events import Came
from flows.model import DAY, HOUR, MINUTE, Moment, Occasion, Plan
from storage import outbox
from tests.flows.stage import Chat, Reaction, Stage
from tests.flows.town import CLOSED, OPEN, UPCOMING


def comes(chat: Chat, plan: Plan, occasion: Occasion, status: str = "due") -> Reaction:
    outcome = {"status": status} if status else {}
    return chat.does(Came("reminder", outcome, {"plan": plan.code, "occasion": occasion}))


def waiting(stage: Stage) -> list[Moment]:
    """When what waits in the outbox is due."""
    rows = stage.connection.execute("SELECT due_at FROM outbox WHERE waits = 1 AND kind = 'reminder' ORDER BY due_at")
    return [due_at for (due_at,) in rows]


def test_somebody_is_reminded_once_that_a_plan_opens(stage: Stage, chat: Chat) -> None:
    chat.opens_plan(UPCOMING)
    reaction = chat.taps("remind")
    assert reaction.toast == "reminder_set"
    assert "reminder" in chat.ids
    assert waiting(stage) == [UPCOMING.opens_at]
    stage.now = UPCOMING.opens_at
    reaction = comes(chat, UPCOMING, Occasion.OPENS)
    say = reaction.one(Say)
    assert (say.key, say.links) == ("reminder_opens", (("see_plan", f"plan_{UPCOMING.code}"),))
    assert comes(chat, UPCOMING, Occasion.OPENS).said == []


def test_somebody_is_reminded_that_a_plan_closes(stage: Stage, chat: Chat) -> None:
    chat.opens_plan(OPEN)
    chat.taps("remind")
    assert waiting(stage) == [OPEN.closes_at - DAY]
    stage.now = OPEN.closes_at - DAY
    assert comes(chat, OPEN, Occasion.CLOSES).said == ["reminder_closes"]
    chat.opens_plan(OPEN)
    chat.taps("remind")
    assert waiting(stage)[-1] == OPEN.closes_at - 2 * HOUR
    stage.now = OPEN.closes_at - HOUR
    chat.opens_plan(OPEN)
    assert not {"remind", "reminder"} & {*chat.ids}


def test_a_reminder_is_called_off(stage: Stage, chat: Chat) -> None:
    chat.opens_plan(OPEN)
    chat.taps("remind")
    chat.taps("reminder")
    chat.taps("back")
    chat.taps("reminder")
    assert chat.taps("drop").toast == "reminder_dropped"
    assert "remind" in chat.ids
    assert waiting(stage) == []
    assert comes(chat, OPEN, Occasion.CLOSES).said == []


def test_a_reminder_said_while_its_screen_stands_cannot_be_called_off(stage: Stage, chat: Chat) -> None:
    chat.opens_plan(OPEN)
    chat.taps("remind")
    chat.taps("reminder")
    stage.now = OPEN.closes_at - DAY
    comes(chat, OPEN, Occasion.CLOSES)
    chat.commands("help")
    chat.taps("back")
    assert chat.ids == ["back"]


def test_asked_for_again_after_it_was_called_off_it_is_said_once(stage: Stage, chat: Chat) -> None:
    chat.opens_plan(OPEN)
    for _ in range(3):
        chat.taps("remind")
        chat.taps("reminder")
        chat.taps("drop")
    chat.taps("remind")
    assert len(waiting(stage)) == 1


def test_whoever_has_registered_is_not_reminded_of_the_end(stage: Stage, chat: Chat) -> None:
    chat.signs_up()
    chat.submits()
    chat.opens_plan()
    chat.taps("remind")
    chat.registers()
    chat.opens_plan()
    assert not {"remind", "reminder"} & {*chat.ids}
    stage.now = OPEN.closes_at - DAY
    assert comes(chat, OPEN, Occasion.CLOSES).said == []
    assert not stage.repository.has_reminder(OPEN.code, chat.chat_id, Occasion.CLOSES)


def test_whoever_has_registered_is_told_that_a_plan_opens(stage: Stage, chat: Chat) -> None:
    stage.repository.add_reminder(OPEN.code, chat.chat_id, Occasion.OPENS, OPEN.opens_at)
    chat.signs_up()
    chat.submits()
    chat.registers()
    assert comes(chat, OPEN, Occasion.OPENS).said == ["reminder_opens"]


@pytest.mark.parametrize("occasion", Occasion)
def test_a_plan_put_off_meanwhile_is_waited_for_anew(stage: Stage, chat: Chat, occasion: Occasion) -> None:
    plan = UPCOMING if occasion is Occasion.OPENS else OPEN
    chat.opens_plan(plan)
    chat.taps("remind")
    later = replace(plan, opens_at=plan.opens_at + 5 * DAY, closes_at=plan.closes_at + 5 * DAY)
    stage.now = waiting(stage)[0]
    outbox.fall_due(stage.connection, stage.repository.vault, stage.now, 10)  # on its way when the dates change
    stage.repository.change_plan(later, 1)
    assert comes(chat, plan, occasion).said == []
    assert waiting(stage) == [later.opens_at if occasion is Occasion.OPENS else later.closes_at - DAY]
    stage.now = waiting(stage)[0]
    assert len(comes(chat, plan, occasion).said) == 1


def test_moved_dates_move_what_waits(stage: Stage, chat: Chat) -> None:
    chat.opens_plan(OPEN)
    chat.taps("remind")
    later = replace(OPEN, closes_at=OPEN.closes_at + DAY)
    stage.repository.change_plan(later, 1)
    stage.repository.move_reminders(later, stage.now)
    assert waiting(stage) == [OPEN.closes_at]


@pytest.mark.parametrize("status", ["", "given_up"])
def test_a_reminder_too_late_is_not_said(chat: Chat, status: str) -> None:
    chat.opens_plan(OPEN)
    chat.taps("remind")
    assert comes(chat, OPEN, Occasion.CLOSES, status).said == []
    chat.opens_plan(OPEN)
    assert "remind" in chat.ids


def test_a_plan_closed_withdrawn_or_gone_reminds_nobody(stage: Stage, chat: Chat) -> None:
    for plan in (CLOSED, UPCOMING, OPEN):
        stage.repository.add_reminder(plan.code, chat.chat_id, Occasion.OPENS, stage.now + MINUTE)
    stage.repository.withdraw_plan(UPCOMING.code, "", stage.now)
    stage.connection.execute("UPDATE plans SET published_at = NULL WHERE code = ?", (OPEN.code,))
    stage.repository.shelf.clear()
    for plan in (CLOSED, UPCOMING, OPEN):
        assert comes(chat, plan, Occasion.OPENS).said == []
        assert not stage.repository.has_reminder(plan.code, chat.chat_id, Occasion.OPENS)
