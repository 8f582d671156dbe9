"""Drafts and news as they are kept; numbers as they are counted."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from flows.model import DAY, HOUR, Plan, Project, Rent, UnitType
from flows.staff.changes import Change
from storage.database import connect, migrate
from storage.repository import SqlRepository
from storage.store import Shelf
from storage.vault import MasterKey, Vault

AT = 1_795_482_000_000
RENTS = (Rent("1-1", 4_530, 300_000), Rent("1-2", None, 310_000))
PLAN = Plan(
    "HD2603",
    "海淀区2026年第三批保租房",
    AT,
    AT + 4 * DAY,
    projects=(Project("QH", "清河家园", "清河路", unit_types=(UnitType("A", "一居室", homes=2, rents=RENTS),)),),
)
CLERK, OTHER = 100, 200


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[SqlRepository]:
    connection = connect(tmp_path / "anju.sqlite3")
    migrate(connection)
    keys = sqlite3.connect(":memory:", isolation_level=None)
    Vault.prepare(keys)
    with Vault(MasterKey.random(), keys) as vault:
        yield SqlRepository(connection, vault, Shelf())
    connection.close()


def waiting(repository: SqlRepository) -> list[tuple[int, int]]:
    """Chat and time of what waits in the outbox."""
    return repository.all("SELECT chat_id, due_at FROM outbox WHERE waits = 1 ORDER BY id")


def test_a_draft_holds_the_plan_and_what_it_began_with(repository: SqlRepository) -> None:
    number = repository.keep_draft(PLAN, None, CLERK, AT)
    draft = repository.draft(number)
    assert draft is not None
    assert (draft.plan, draft.base, draft.base_revision, draft.is_change, draft.changes) == (PLAN, None, 0, False, ())
    assert repository.draft_plan(number) == PLAN
    repository.add_plan(PLAN, AT)
    stored = repository.whole_plan(PLAN.code)
    assert stored is not None
    changed = repository.draft(repository.keep_draft(replace(stored, name="新"), stored, OTHER, AT + 1))
    assert changed is not None
    assert (changed.base, changed.is_change) == (stored, True)
    assert changed.changes == (Change("name", "", PLAN.name, "新"),)
    assert [(head.id, head.name, head.made_by) for head in repository.drafts()] == [
        (changed.id, "新", OTHER),
        (number, PLAN.name, CLERK),
    ]


def test_everybody_has_one_draft_of_a_plan(repository: SqlRepository) -> None:
    first = repository.keep_draft(PLAN, None, CLERK, AT)
    second = repository.keep_draft(replace(PLAN, name="新"), None, CLERK, AT)
    repository.keep_draft(PLAN, None, OTHER, AT)
    assert repository.draft(first) is None
    assert repository.draft_of(PLAN.code, CLERK) == second
    assert repository.draft_of(PLAN.code, 999) is None
    assert len(repository.drafts()) == 2


def test_a_set_time_is_moved_and_called_off(repository: SqlRepository) -> None:
    number = repository.keep_draft(PLAN, None, CLERK, AT)
    repository.schedule_draft(number, CLERK, AT + HOUR)
    repository.schedule_draft(number, OTHER, AT + 2 * HOUR)
    assert waiting(repository) == [(OTHER, AT + 2 * HOUR)]
    draft = repository.draft(number)
    assert draft is not None
    assert draft.publish_at == AT + 2 * HOUR
    repository.unschedule_draft(number)
    assert waiting(repository) == []
    repository.schedule_draft(number, CLERK, AT + HOUR)
    repository.drop_draft(number)
    assert waiting(repository) == []
    assert repository.drafts() == []


def test_a_draft_that_replaces_another_takes_its_time_away(repository: SqlRepository) -> None:
    repository.schedule_draft(repository.keep_draft(PLAN, None, CLERK, AT), CLERK, AT + HOUR)
    repository.keep_draft(PLAN, None, CLERK, AT)
    assert waiting(repository) == []


def test_a_plan_is_changed_only_from_the_state_it_is_in(repository: SqlRepository) -> None:
    repository.add_plan(PLAN, AT)
    assert repository.change_plan(replace(PLAN, name="一"), 1)
    assert not repository.change_plan(replace(PLAN, name="二"), 1)
    stored = repository.whole_plan(PLAN.code)
    assert stored is not None
    assert (stored.name, stored.revision, stored.projects) == ("一", 2, PLAN.projects)
    assert repository.stored_plans() == [repository.stored_plan(PLAN.code)]


def register(repository: SqlRepository, number: int, at: int, *, cancelled: bool = False) -> None:
    """Somebody with a phone, a name, a form and a registration."""
    person = repository.add_person(number, f"+86138{number:08}", at)
    repository.verify_person(person.id, "王芳", f"{number:018}", "resident_id", at)
    application = repository.open_application(person.id, PLAN.code, at)
    submission = repository.submit(application.id, 1, at)
    repository.register(f"HD2603-{number}", person.id, PLAN.code, submission, at)
    if cancelled:
        repository.cancel(f"HD2603-{number}", at)


def test_news_reach_everybody_who_registered_before_them_once(repository: SqlRepository) -> None:
    repository.add_plan(PLAN, AT)
    for number in range(1, 8):
        register(repository, number, AT + number, cancelled=number == 3)
    register(repository, 8, AT + HOUR)
    repository.mark_reachable(5, AT, False)
    repository.move_person(6, 1_000)
    repository.write("UPDATE people SET telegram_id = NULL WHERE id = 7")
    assert repository.reachable_registered(PLAN.code) == 5
    changes = (Change("closes_at", "", 1, 2),)
    notice = repository.notice(repository.add_notice(PLAN.code, "changed", changes, AT + 9))
    assert notice is not None
    assert notice.changes == changes
    assert repository.next_to_tell(notice, 2) == [1, 2]
    assert repository.next_to_tell(notice, 2) == [4, 1_000]
    assert repository.next_to_tell(notice, 2) == []
    assert repository.told(notice.id) == 4
    assert repository.notice(99) is None
    assert repository.told(99) == 0


def test_numbers_of_a_plan_hold_each_other(repository: SqlRepository) -> None:
    repository.add_plan(PLAN, AT)
    for number in range(20, 25):
        repository.note_visit(PLAN.code, number, AT)
    repository.add_person(20, "+8613800000020", AT)
    register(repository, 21, AT + HOUR + 1)
    register(repository, 1, AT + 2)
    register(repository, 2, AT + 3 * HOUR, cancelled=True)
    figures = repository.figures(PLAN, AT + 2 * HOUR)
    assert (figures.opened, figures.phone, figures.name, figures.form) == (7, 4, 3, 3)
    assert (figures.registered, figures.cancelled) == (2, 1)
    assert figures.counts == (1, 1, 0)
    assert figures.until == AT + 2 * HOUR


def test_numbers_of_a_plan_that_nobody_has_seen(repository: SqlRepository) -> None:
    repository.add_plan(PLAN, AT)
    figures = repository.figures(PLAN, AT - DAY)
    assert (figures.opened, figures.registered, figures.counts) == (0, 0, ())
