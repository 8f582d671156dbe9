"""Drafts at the desk: pictures, previews, and drafts that are gone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flows.effects import FetchPlanPicture
from flows.events import Came, Press, Text
from flows.staff import draft as flow
from flows.staff import drafting, editing, people, plans, schedule
from flows.staff.model import Draft, Role
from tests.flows.desk import (
    EDITOR,
    MEDIA,
    NEW,
    OTHER,
    came_picture,
    changes,
    draft_of,
    drafts,
    employ,
)
from tests.flows.stage import Chat, Stage
from tests.flows.town import OPEN


@pytest.fixture
def editor(stage: Stage) -> Chat:
    return employ(stage, EDITOR)


@pytest.fixture
def other(stage: Stage) -> Chat:
    return employ(stage, OTHER, "韩梅梅")


# --- pictures --------------------------------------------------------------------------------------------------------


def at_pictures(editor: Chat, project: str = "YF") -> Draft:
    draft = changes(editor)
    editor.taps("edit")
    editor.taps("pictures")
    editor.taps("project", project)
    return draft


def test_pictures_of_a_project_are_sent_and_removed(editor: Chat) -> None:
    draft = at_pictures(editor)
    assert editor.sends_file("one").one(FetchPlanPicture) == FetchPlanPicture(draft.id, "YF", "id-one", 200_000)
    editor.sends_file("two")
    assert editor.data["fetching"] == "2"
    came_picture(editor, draft, media=MEDIA)
    came_picture(editor, draft, media=MEDIA)  # the same picture again is one picture
    assert editor.data["fetching"] == "0"
    editor.sends_file("three")
    assert came_picture(editor, draft, reason="too_small").error == "plan_picture_refused"
    assert draft_of(editor).plan.projects[1].pictures == (MEDIA,)
    editor.taps("remove_pictures")
    assert draft_of(editor).plan.projects[1].pictures == ()


def test_only_so_many_pictures_are_taken(editor: Chat) -> None:
    at_pictures(editor)
    for number in range(10):
        assert editor.sends_file(f"{number}").error == ""
    assert editor.sends_file("eleven").error == "plan_pictures_full"


def test_a_picture_for_what_is_gone_is_left_out(stage: Stage, editor: Chat) -> None:
    draft = at_pictures(editor)
    came_picture(editor, draft, "none", media=MEDIA)
    editor.taps("back")
    assert came_picture(editor, draft, media=MEDIA).effects == ()  # kept, without moving who is elsewhere
    assert draft_of(editor).plan.projects[1].pictures == (MEDIA,)
    stage.repository.drop_draft(draft.id)
    came_picture(editor, draft, media=MEDIA)
    stage.repository.remove_staff(EDITOR, stage.now)
    came_picture(editor, draft, media=MEDIA)
    assert stage.repository.drafts() == []


def test_many_projects_come_in_pages(editor: Chat) -> None:
    drafts(editor, replace(NEW, projects=tuple(replace(OPEN.projects[1], code=f"N{n}") for n in range(9))))
    editor.taps("edit")
    editor.taps("pictures")
    editor.taps("page", "2")
    editor.taps("back")
    assert editor.at == "draft/edit"


# --- a draft that is gone --------------------------------------------------------------------------------------------

WAYS = [
    [],
    ["publish"],
    ["drop"],
    ["schedule"],
    ["edit"],
    ["edit", "thing phone"],
    ["edit", "pictures"],
    ["edit", "pictures", "project WJ"],
]


@pytest.mark.parametrize("way", WAYS)
def test_a_draft_that_is_gone_can_only_be_left(stage: Stage, editor: Chat, way: list[str]) -> None:
    draft = drafts(editor)
    for step in way:
        editor.taps(*step.split())
    stage.repository.drop_draft(draft.id)
    editor.says("2026-11-25 10:00")
    editor.sends_file("photo")
    assert editor.ids == ["back"]
    while editor.at.startswith("draft/"):
        editor.taps("back")
    assert editor.at == "desk_plans/list"


BUTTONS = [
    ([], ["publish", "schedule", "preview", "drop"]),
    (["publish"], ["confirm_publish"]),
    (["drop"], ["confirm_drop"]),
    (["edit", "thing phone"], ["clear"]),
]


def test_deeds_on_a_draft_that_is_gone_do_nothing(stage: Stage, editor: Chat) -> None:
    """Buttons are checked before; should they come through, there is nothing to act upon."""
    draft = drafts(editor)
    editor.taps("edit")
    editor.taps("pictures")
    editor.taps("project", "WJ")
    editor.taps("back")
    editor.taps("edit")
    editor.taps("thing", "phone")
    stage.repository.drop_draft(draft.id)
    for deed in (
        *(flow._publish, flow._confirm, flow._take_new_base, flow._say_over, flow._open_preview),
        *(schedule.schedule, schedule.unschedule, schedule.complain_of_time),
        *(editing.keep_thing, editing.clear_thing, editing.complain_of_thing, editing.remove_pictures),
    ):
        turn = editor.turn()
        deed(turn)
        assert (turn.effects, turn.told, turn.opening, turn.closing) == ([], None, None, None), deed.__name__
    turn = editor.turn()
    flow._drop(turn)
    assert (turn.told, turn.closing) == (None, "left")
    assert stage.repository.drafts() == []


def test_deeds_without_anything_to_act_upon_do_nothing(stage: Stage, editor: Chat) -> None:
    """Nobody is chosen, nothing is stored, and nothing is wrong with what was typed."""
    drafts(editor)
    editor.taps("schedule")
    session = editor.session
    session.top.data |= {"member": "999", "plan": "NONE", "thing": "phone"}
    pressed, typed_right = Press("role", Role.EDITOR.value), Text("2026-11-25 10:00")
    for event, deeds in (
        (pressed, (people._change_role, people._remove, plans._begin_change, plans._withdraw)),
        (typed_right, (plans._complain_of_reason, schedule.complain_of_time, editing.complain_of_thing)),
        (Text("王芳"), (people._complain,)),
        (Came("picture"), (plans._note_told,)),
    ):
        for deed in deeds:
            turn = stage.turn(session, event)
            deed(turn)
            assert (turn.effects, turn.told, turn.failed, turn.opening) == ([], None, None, None), deed.__name__


def test_a_plan_that_is_gone_gives_a_draft_no_new_base(stage: Stage, editor: Chat) -> None:
    draft = drafts(editor)
    turn = editor.turn()
    drafting.take_new_base(turn, draft)
    assert stage.repository.draft(draft.id) == draft


def test_what_is_in_the_way_of_a_conflict_that_passed(stage: Stage, editor: Chat, other: Chat) -> None:
    draft = changes(editor, phone="010-1")
    changes(other, hours="9:00")
    other.taps("confirm")
    editor.taps("confirm")
    stage.repository.drop_draft(draft.id)
    editor.says("?")
    assert editor.ids == ["back"]


# --- previews --------------------------------------------------------------------------------------------------------


def test_a_preview_shows_what_applicants_will_see(stage: Stage, editor: Chat) -> None:
    drafts(editor, replace(OPEN, code="NEW2", published_at=None))
    assert editor.taps("preview").notice == "preview"
    assert editor.at == "preview/plan"
    assert "register" not in editor.ids
    editor.taps("notice")
    editor.taps("page", "2")
    editor.taps("download")
    editor.taps("back")
    editor.taps("projects")
    editor.taps("project", "QH")
    assert editor.at == "preview_project/project"
    editor.taps("venue")
    editor.taps("unit_types")
    editor.taps("unit_type", "A1")
    editor.taps("page", "2")
    for _ in range(5):
        editor.taps("back")
    assert editor.at == "draft/card"
    assert stage.connection.execute("SELECT count(*) FROM visits").fetchone() == (0,)


def test_a_preview_of_a_draft_that_is_gone_can_only_be_left(stage: Stage, editor: Chat) -> None:
    draft = drafts(editor, replace(OPEN, code="NEW2"))
    editor.taps("preview")
    editor.taps("projects")
    editor.taps("project", "QH")
    editor.taps("unit_types")
    editor.taps("unit_type", "A1")
    stage.repository.drop_draft(draft.id)
    editor.says("?")
    while editor.at != "draft/card":
        assert editor.ids == ["back"]
        editor.taps("back")
