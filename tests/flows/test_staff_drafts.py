"""Drafts at the desk: publishing, a set time, changes, and two clerks at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flows.effects import Say, TellRegistered
from flows.engine.fields import Invalid
from flows.events import Came
from flows.model import DAY, HOUR, Occasion
from flows.staff import drafting, typed
from flows.staff.model import Act, Draft
from tests.flows.desk import (
    EDITOR,
    MEDIA,
    NEW,
    OTHER,
    acts,
    at_plans,
    came_picture,
    changes,
    draft_of,
    drafts,
    employ,
    registers,
)
from tests.flows.stage import Chat, Reaction, Stage
from tests.flows.town import NOW, OPEN


@pytest.fixture
def editor(stage: Stage) -> Chat:
    return employ(stage, EDITOR)


@pytest.fixture
def other(stage: Stage) -> Chat:
    return employ(stage, OTHER, "韩梅梅")


def due(stage: Stage, editor: Chat, draft: Draft, status: str = "due") -> Reaction:
    return editor.does(Came("publish", {"status": status}, {"draft": str(draft.id)}))


# --- publishing ------------------------------------------------------------------------------------------------------


def test_a_new_plan_is_published(stage: Stage, editor: Chat) -> None:
    drafts(editor)
    editor.taps("publish")
    editor.taps("back")
    editor.taps("publish")
    assert editor.taps("confirm_publish").notice == "plan_published"
    assert editor.at == "desk_plans/list"
    assert stage.repository.plan(NEW.code) is not None
    assert stage.repository.drafts() == []
    assert acts(stage, NEW) == [Act.DRAFTED, Act.PUBLISHED]


def test_a_plan_that_is_over_is_not_published(stage: Stage, editor: Chat) -> None:
    drafts(editor)
    editor.taps("publish")
    stage.now = NEW.closes_at
    assert editor.taps("confirm_publish").error == "plan_over"
    assert editor.taps("publish").error == "plan_over"
    assert editor.taps("schedule").error == "plan_over"
    assert stage.repository.plan(NEW.code) is None


def test_two_clerks_have_one_new_plan(stage: Stage, editor: Chat, other: Chat) -> None:
    drafts(editor)
    drafts(other, replace(NEW, phone="2"))
    other.taps("publish")
    editor.taps("publish")
    editor.taps("confirm_publish")
    other.taps("confirm_publish")
    assert other.at == "draft/conflict"
    other.taps("back")
    other.taps("publish")
    assert other.at == "draft/conflict"
    assert other.taps("take_new_base").notice == "draft_rebased"
    assert [change.kind for change in draft_of(other).changes] == ["phone"]
    assert other.taps("confirm").notice == "plan_changed"
    assert acts(stage, NEW)[-2:] == [Act.REBASED, Act.CHANGED]


def test_a_plan_that_was_only_imported_is_published_from_the_desk(stage: Stage, editor: Chat) -> None:
    stage.repository.add_plan(NEW, None)
    draft = changes(editor, NEW, phone="010-1")
    assert not draft.is_change
    editor.taps("publish")
    editor.taps("confirm_publish")
    plan = stage.repository.plan(NEW.code)
    assert plan is not None
    assert plan.phone == "010-1"


def test_an_imported_plan_and_a_draft_of_it_are_brought_together(stage: Stage, editor: Chat) -> None:
    drafts(editor)
    stage.repository.add_plan(NEW, None)
    editor.taps("schedule")
    assert editor.at == "draft/conflict"
    editor.taps("take_new_base")
    editor.taps("publish")
    editor.taps("confirm_publish")
    assert stage.repository.plan(NEW.code) is not None


def test_somebody_quicker_between_the_look_and_the_deed_wins(stage: Stage, editor: Chat) -> None:
    """Guards look, the statement decides."""
    new = drafts(editor)
    stage.repository.add_plan(NEW, stage.now)
    assert not drafting.publish(editor.turn(), new)
    change = changes(editor, OPEN, phone="010-1")
    stage.repository.change_plan(replace(OPEN, hours="x"), 1)
    assert drafting.confirm(editor.turn(), change) is None
    assert not drafting.publish(editor.turn(), replace(change))


# --- a set time ------------------------------------------------------------------------------------------------------


def test_a_time_is_set_moved_and_called_off(stage: Stage, editor: Chat) -> None:
    drafts(editor)
    editor.taps("schedule")
    assert editor.says("明天").error == "not_a_moment"
    assert editor.says("2026-11-24 10:00").error == "time_is_past"
    assert editor.says("2027-11-24 10:00").error == "time_after_closing"
    assert editor.says("2026-11-25 9点").notice == "scheduled"
    assert draft_of(editor).publish_at == NOW + 23 * HOUR
    editor.taps("schedule")
    editor.taps("back")
    editor.taps("schedule")
    editor.says("2026年11月25日 10:00")
    assert editor.taps("unschedule").notice == "unscheduled"
    assert draft_of(editor).publish_at is None
    assert acts(stage, NEW) == [Act.DRAFTED, Act.SCHEDULED, Act.SCHEDULED, Act.UNSCHEDULED]


def scheduled(editor: Chat) -> Draft:
    drafts(editor)
    editor.taps("schedule")
    editor.says("2026-11-24 12:00")
    return draft_of(editor)


def test_a_plan_comes_out_when_it_is_time(stage: Stage, editor: Chat) -> None:
    draft = scheduled(editor)
    assert due(stage, editor, draft).effects == ()  # not yet: it was moved while the parcel was on its way
    stage.now = NOW + 2 * HOUR
    assert due(stage, editor, draft).said == ["published"]
    assert stage.repository.plan(NEW.code) is not None
    assert due(stage, editor, draft).effects == ()
    editor.says("?")
    assert editor.ids == ["back"]


@pytest.mark.parametrize("obstacle", ["late", "overtaken", "over"])
def test_what_stands_in_the_way_of_a_set_time_is_told(stage: Stage, editor: Chat, obstacle: str) -> None:
    draft = scheduled(editor)
    stage.now = NEW.closes_at if obstacle == "over" else NOW + 2 * HOUR
    if obstacle == "overtaken":
        stage.repository.add_plan(NEW, stage.now)
    (said,) = due(stage, editor, draft, "late" if obstacle == "late" else "due").all(Say)
    assert said.values["obstacle"] == obstacle
    assert draft_of(editor).publish_at is None
    assert acts(stage, NEW)[-1] is Act.UNSCHEDULED


def test_a_time_set_by_somebody_who_left_is_kept_and_not_told_to_them(stage: Stage, editor: Chat) -> None:
    draft = scheduled(editor)
    stage.repository.remove_staff(EDITOR, stage.now)
    stage.now = NOW + 2 * HOUR
    assert due(stage, editor, draft).said == []
    assert stage.repository.plan(NEW.code) is not None


def test_what_waits_for_its_time_is_not_changed(stage: Stage, editor: Chat, other: Chat) -> None:
    draft = drafts(editor)
    at_plans(other)
    other.taps("draft", str(draft.id))
    other.taps("edit")
    other.taps("thing", "phone")
    stage.repository.schedule_draft(draft.id, EDITOR, NOW + HOUR)
    other.says("010-1")
    assert draft_of(other).plan == NEW
    came_picture(other, draft, media=MEDIA)
    assert draft_of(other).plan == NEW


# --- changing --------------------------------------------------------------------------------------------------------


def test_a_change_is_confirmed_and_told(stage: Stage, editor: Chat) -> None:
    registers(stage)
    stage.repository.add_reminder(OPEN.code, 7, Occasion.CLOSES, OPEN.closes_at - DAY)
    changes(editor, closes_at="2026-12-02 17:00", hours="8:00")
    reaction = editor.taps("confirm")
    assert reaction.notice == "plan_changed"
    notice = stage.repository.notice(reaction.one(TellRegistered).notice)
    assert notice is not None
    assert [change.kind for change in notice.changes] == ["closes_at", "hours"]
    plan = stage.repository.stored_plan(OPEN.code)
    assert plan is not None
    (due_at,) = stage.connection.execute("SELECT due_at FROM outbox WHERE kind = 'reminder'").fetchone()
    assert due_at == plan.closes_at - DAY
    assert acts(stage, OPEN) == [Act.DRAFT_CHANGED, Act.DRAFT_CHANGED, Act.CHANGED]


def test_a_change_of_which_nobody_need_know_is_told_to_nobody(stage: Stage, editor: Chat) -> None:
    registers(stage)
    draft = changes(editor)
    editor.taps("edit")
    editor.taps("pictures")
    editor.taps("project", "QH")
    editor.taps("remove_pictures")
    editor.taps("back")
    assert [change.kind for change in draft_of(editor).changes] == ["project_pictures"]
    assert editor.taps("confirm").all(TellRegistered) == []
    assert stage.repository.draft(draft.id) is None


def test_everything_that_can_be_typed_is_checked(editor: Chat) -> None:
    changes(editor)
    wrong = {
        "name": [("长" * 61, "typed_too_long")],
        "opens_at": [
            ("明天", "not_a_moment"),
            ("2026-13-01 09:00", "no_such_moment"),
            ("2030-01-01 09:00", "opens_after_closing"),
        ],
        "closes_at": [("1999-01-01 09:00", "no_such_moment"), ("2026-11-01 09:00", "closes_before_opening")],
        "announced_on": [("明天", "not_a_plan_day"), ("2026-02-30", "no_such_plan_day")],
    }
    for thing, answers in wrong.items():
        editor.taps("edit")
        editor.taps("thing", thing)
        for text, key in answers:
            assert editor.says(text).error == key
        editor.taps("back")
        editor.taps("back")
    assert draft_of(editor).changes == ()


def test_right_answers_are_kept_and_optional_things_cleared(editor: Chat) -> None:
    right = {
        "name": "新名",
        "notice_title": "新标题",
        "notice_text": "一\n\n二",
        "opens_at": "２０２６-11-24　08:00",
        "announced_on": "2026年12月10日",
        "phone": "010-1",
    }
    draft = changes(editor, OPEN, **right)
    assert {change.kind for change in draft.changes} == set(right)
    assert draft.plan.notice_text == "一\n\n二"
    editor.taps("edit")
    editor.taps("thing", "announced_on")
    editor.taps("clear")
    editor.taps("edit")
    editor.taps("thing", "notice_text")
    editor.taps("clear")
    assert (draft_of(editor).plan.announced_on, draft_of(editor).plan.notice_text) == (None, "")
    editor.taps("edit")
    editor.taps("thing", "name")
    assert "clear" not in editor.ids


def test_nothing_typed_is_no_answer() -> None:
    for read in (lambda: typed.line(" \n ", 9), lambda: typed.THINGS["notice_text"].read("  ")):
        with pytest.raises(Invalid, match="nothing_typed"):
            read()


def test_the_same_again_is_no_change(stage: Stage, editor: Chat) -> None:
    changes(editor, phone=OPEN.phone)
    assert "confirm" not in editor.ids
    assert acts(stage, OPEN) == []
    editor.taps("back")
    assert stage.repository.drafts() == []
    assert editor.at == "desk_plans/plan"


def test_a_draft_with_changes_is_there_later(stage: Stage, editor: Chat, other: Chat) -> None:
    draft = changes(editor, phone="010-1")
    editor.taps("back")
    assert editor.taps("change").notice == ""
    assert draft_of(editor).id == draft.id
    changes(other, phone="010-2")
    editor.taps("drop")
    editor.taps("back")
    editor.taps("drop")
    assert editor.taps("confirm_drop").notice == "draft_dropped"
    assert [head.made_by for head in stage.repository.drafts()] == [OTHER]


def test_many_changes_come_in_pages(editor: Chat) -> None:
    projects = tuple(replace(OPEN.projects[1], code=f"N{number}") for number in range(30))
    drafts(editor, replace(OPEN, projects=projects))
    editor.taps("page", "2")
    assert editor.data["page"] == "2"


def test_the_second_clerk_is_shown_who_was_quicker(stage: Stage, editor: Chat, other: Chat) -> None:
    changes(editor, phone="010-1")
    changes(other, hours="9:00")
    editor.taps("confirm")
    other.taps("confirm")
    assert other.at == "draft/conflict"
    assert other.screen is not None
    entries, changed = other.screen.values["entries"], other.screen.values["changes"]
    assert isinstance(entries, list)
    assert isinstance(changed, tuple)
    assert [(entry.who, entry.act) for entry in entries] == [(EDITOR, Act.CHANGED)]
    assert [change.kind for change in changed] == ["phone"]
    other.taps("drop")
    other.taps("confirm_drop")
    plan = stage.repository.stored_plan(OPEN.code)
    assert plan is not None
    assert (plan.phone, plan.hours) == ("010-1", OPEN.hours)
