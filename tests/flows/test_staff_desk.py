"""Workbooks, plans as they stand, news, statistics and the log at the desk."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from flows.effects import ExportPlan, MakePoster, ReadWorkbook, Say, SendTemplate, TellRegistered
from flows.events import Came, Press
from flows.model import DAY, MINUTE, Occasion, Plan
from flows.staff.model import SYSTEM, Act, Notice, Role
from flows.staff.plan_text import plan_to_text
from flows.staff.telling import NAMED, message
from tests.flows.desk import (
    EDITOR,
    MEDIA,
    NEW,
    OTHER,
    acts,
    at_plans,
    came,
    draft_of,
    drafts,
    employ,
    registers,
    sends_workbook,
)
from tests.flows.stage import Chat, Stage
from tests.flows.town import NOW, OPEN


@pytest.fixture
def editor(stage: Stage) -> Chat:
    return employ(stage, EDITOR)


@pytest.fixture
def other(stage: Stage) -> Chat:
    return employ(stage, OTHER, "韩梅梅")


# --- workbooks -------------------------------------------------------------------------------------------------------


def test_a_workbook_is_read_and_its_draft_opened(stage: Stage, editor: Chat) -> None:
    at_plans(editor)
    assert sends_workbook(editor).one(ReadWorkbook) == ReadWorkbook("book", 9_000)
    assert editor.at == "desk_plans/reading"
    came(editor, plan=plan_to_text(NEW))
    assert draft_of(editor).plan == NEW
    assert acts(stage, NEW) == [Act.DRAFTED]
    editor.taps("back")
    assert editor.at == "desk_plans/list"
    assert ("draft", "1") in [(button.id, button.argument) for button in editor.buttons]
    editor.taps("draft", "1")
    assert editor.at == "draft/card"


def test_a_photo_is_no_workbook(editor: Chat) -> None:
    at_plans(editor)
    assert editor.sends_file("photo").error == "workbook_as_file"


@pytest.mark.parametrize("reason", ["too_large", "gone", "late"])
def test_a_workbook_that_is_not_read_is_asked_for_again(editor: Chat, reason: str) -> None:
    at_plans(editor)
    sends_workbook(editor)
    assert came(editor, reason=reason).error == f"workbook_{reason}"
    assert editor.at == "desk_plans/list"


def test_mistakes_come_in_pages_until_a_better_file_is_sent(editor: Chat) -> None:
    at_plans(editor)
    sends_workbook(editor)
    came(editor, mistakes=json.dumps([f"第 {row} 行" for row in range(25)]))
    assert editor.at == "desk_plans/mistakes"
    editor.taps("page", "2")
    sends_workbook(editor, "better")
    came(editor, mistakes=json.dumps(["一处"]))
    assert editor.ids == ["back"]
    editor.taps("back")
    assert "mistakes" not in editor.data


def test_whoever_does_something_else_meanwhile_is_told(stage: Stage, editor: Chat) -> None:
    at_plans(editor)
    sends_workbook(editor)
    editor.taps("back")
    assert came(editor, plan=plan_to_text(NEW)).said == ["workbook_read"]
    assert came(editor, mistakes='["一处"]').said == ["workbook_mistakes"]
    assert came(editor, reason="gone").said == ["workbook_unread"]
    stage.repository.withdraw_plan(OPEN.code, "x", stage.now)
    (said,) = came(editor, plan=plan_to_text(OPEN)).all(Say)
    assert said.values["wrong"] == "withdrawn"


def test_a_workbook_of_a_withdrawn_plan_is_refused(stage: Stage, editor: Chat) -> None:
    stage.repository.withdraw_plan(OPEN.code, "x", stage.now)
    at_plans(editor)
    sends_workbook(editor)
    assert came(editor, plan=plan_to_text(OPEN)).error == "plan_is_withdrawn"
    assert stage.repository.drafts() == []


def test_a_workbook_of_whoever_left_makes_no_draft(stage: Stage, editor: Chat) -> None:
    at_plans(editor)
    sends_workbook(editor)
    stage.repository.remove_staff(EDITOR, stage.now)
    came(editor, plan=plan_to_text(NEW))
    assert stage.repository.drafts() == []
    assert editor.at == "home/menu"


def bare(plan: Plan) -> Plan:
    """Without pictures and announcement, as a workbook alone has it."""
    projects = tuple(
        replace(one, pictures=(), unit_types=tuple(replace(unit, pictures=()) for unit in one.unit_types))
        for one in plan.projects
    )
    return replace(plan, projects=projects, notice_file=None)


def test_a_workbook_alone_keeps_pictures_and_announcement(stage: Stage, editor: Chat) -> None:
    added = replace(OPEN.projects[1], code="XX")
    draft = drafts(editor, bare(replace(OPEN, projects=(*OPEN.projects, added))))
    assert [change.kind for change in draft.changes] == ["project_added"]
    pictured = replace(bare(OPEN).projects[1], pictures=(MEDIA,))
    draft = drafts(editor, replace(bare(OPEN), projects=(bare(OPEN).projects[0], pictured)))
    assert {change.kind for change in draft.changes} == {"project_pictures", "unit_pictures"}
    assert acts(stage, OPEN) == [Act.DRAFTED, Act.DRAFTED]


# --- plans -----------------------------------------------------------------------------------------------------------


def test_papers_are_sent_for(stage: Stage, editor: Chat) -> None:
    at_plans(editor)
    assert editor.taps("template").all(SendTemplate) == [SendTemplate()]
    editor.taps("plan", OPEN.code)
    assert editor.taps("export").one(ExportPlan) == ExportPlan(OPEN.code)
    assert editor.taps("poster").one(MakePoster) == MakePoster(OPEN.code)
    assert acts(stage, OPEN) == [Act.EXPORTED]
    for job in ("template", "package", "poster", "charts", "log"):
        assert editor.does(Came(job, {"status": "given_up"})).said == ["file_failed"]
        assert editor.does(Came(job, {})).said == []


def test_a_plan_is_withdrawn_with_a_reason(stage: Stage, editor: Chat) -> None:
    registers(stage)
    stage.repository.add_reminder(OPEN.code, 7, Occasion.CLOSES, OPEN.closes_at - DAY)
    at_plans(editor)
    editor.taps("plan", OPEN.code)
    editor.taps("withdraw")
    assert editor.says("长" * 301).error == "typed_too_long"
    editor.says("房源调整")
    editor.taps("back")
    editor.says("房源有调整")
    reaction = editor.taps("confirm_withdrawal")
    assert reaction.notice == "plan_withdrawn"
    notice = stage.repository.notice(reaction.one(TellRegistered).notice)
    plan = stage.repository.stored_plan(OPEN.code)
    assert notice is not None
    assert plan is not None
    assert plan.withdrawn_reason == "房源有调整"
    assert message(notice, plan).key == "plan_withdrawn"
    assert not stage.repository.has_reminder(OPEN.code, 7, Occasion.CLOSES)
    assert "withdraw" not in editor.ids
    told = editor.does(Came("notice", {"plan": OPEN.code, "told": "1"}))
    assert told.said == ["all_told"]
    assert editor.does(Came("notice", {})).said == []


@pytest.mark.parametrize("button", ["withdraw", "change"])
def test_a_plan_that_was_withdrawn_meanwhile_stays_so(stage: Stage, editor: Chat, button: str) -> None:
    """The button stood there when the screen was drawn; the press is judged by what is now."""
    at_plans(editor)
    editor.taps("plan", OPEN.code)
    stage.repository.withdraw_plan(OPEN.code, "先撤", stage.now)
    assert editor.does(Press(button, "", editor.session.revision, 1, "q")).toast == "stale"
    assert "change" not in editor.ids


def test_a_withdrawal_confirmed_twice_is_one(stage: Stage, editor: Chat) -> None:
    at_plans(editor)
    editor.taps("plan", OPEN.code)
    editor.taps("withdraw")
    editor.says("房源调整")
    stage.repository.withdraw_plan(OPEN.code, "先撤", stage.now)
    assert editor.taps("confirm_withdrawal").error == "plan_is_withdrawn"
    plan = stage.repository.stored_plan(OPEN.code)
    assert plan is not None
    assert plan.withdrawn_reason == "先撤"


def test_many_plans_come_in_pages(stage: Stage, editor: Chat) -> None:
    for number in range(9):
        stage.repository.add_plan(replace(NEW, code=f"N{number}"), stage.now)
    at_plans(editor)
    editor.taps("page", "2")
    editor.taps("back")
    assert editor.at == "desk/home"


def test_a_plan_that_does_not_exist_can_only_be_left(editor: Chat) -> None:
    at_plans(editor)
    editor.taps("plan", OPEN.code)
    session = editor.session
    session.top.data["plan"] = "NONE"
    editor.restores(session)
    assert editor.ids == ["back"]


# --- news ------------------------------------------------------------------------------------------------------------


def test_news_name_so_many_changes_and_count_the_rest(stage: Stage, editor: Chat) -> None:
    projects = tuple(replace(OPEN.projects[1], code=f"N{number}") for number in range(NAMED + 5))
    draft = drafts(editor, replace(OPEN, projects=(*OPEN.projects, *projects)))
    say = message(Notice(1, OPEN.code, "changed", draft.changes, NOW), OPEN)
    assert say.values["more"] == 5
    assert [payload for _, payload in say.links] == [f"plan_{OPEN.code}", "records"]


def test_the_link_below_news_leads_to_records(stage: Stage) -> None:
    chat = registers(stage)
    chat.commands("start", "records")
    assert chat.at == "records/list"


# --- statistics, log -------------------------------------------------------------------------------------------------


def test_statistics_are_reached_from_the_desk_and_from_a_plan(stage: Stage, editor: Chat) -> None:
    stage.now = NOW + MINUTE
    editor.commands("staff")
    editor.taps("statistics")
    editor.taps("plan", OPEN.code)
    editor.taps("charts")
    editor.taps("refresh")
    editor.taps("back")
    assert editor.at == "statistics/list"
    editor.taps("back")
    editor.taps("desk_plans")
    editor.taps("plan", OPEN.code)
    editor.taps("statistics")
    editor.taps("back")
    assert editor.at == "desk_plans/plan"


def test_plans_in_statistics_come_in_pages(stage: Stage, editor: Chat) -> None:
    for number in range(9):
        stage.repository.add_plan(replace(NEW, code=f"N{number}"), stage.now)
    editor.commands("staff")
    editor.taps("statistics")
    editor.taps("page", "2")
    session = editor.session
    session.top.state, session.top.data["plan"] = "plan", "NONE"
    editor.restores(session)
    assert editor.ids == ["back"]


def test_the_log_is_filtered_and_exported(stage: Stage) -> None:
    stage.repository.add_staff(EDITOR, Role.ADMIN, "张晓敏", SYSTEM, stage.now)
    admin = stage.chat(EDITOR)
    for number in range(7):
        stage.repository.log(stage.now, EDITOR, Act.PUBLISHED, f"plan:N{number}")
    admin.commands("staff")
    admin.taps("audit")
    admin.taps("filter")
    admin.taps("page", "2")
    admin.taps("plan", "N0")
    assert admin.data["about"] == "plan:N0"
    admin.taps("export", "csv")
    admin.taps("all")
    admin.taps("filter")
    admin.taps("back")
    newest = stage.repository.log_page("", 0, 1)[0]
    assert (newest.act, newest.about, newest.after["of"]) == (Act.EXPORTED, "log", "plan:N0")
