"""Staff and invitations as they are kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.staff.model import Act, Role, Staff
from storage.audit import AuditStore
from storage.database import connect, migrate
from storage.staff import StaffStore, appoint_admins
from storage.store import Shelf
from storage.vault import MasterKey, Vault

AT = 1_795_482_000_000
TOKEN = "aB3" * 10
NAME = "欧阳"


@pytest.fixture
def book(tmp_path: Path) -> Iterator[StaffStore]:
    connection = connect(tmp_path / "anju.sqlite3")
    migrate(connection)
    keys = sqlite3.connect(":memory:", isolation_level=None)
    Vault.prepare(keys)
    with Vault(MasterKey.random(), keys) as vault:
        yield StaffStore(connection, vault, Shelf())
    connection.close()


def appoint(book: StaffStore, *admins: int) -> None:
    appoint_admins(book.connection, book.vault, book.shelf, admins, AT)


def dump(book: StaffStore) -> str:
    return "\n".join(book.connection.iterdump())


def test_a_member_is_found_as_long_as_they_work_here(book: StaffStore) -> None:
    book.add_staff(7, Role.EDITOR, NAME, 1, AT)
    assert book.staff(7) == Staff(7, Role.EDITOR, NAME, AT, 1)
    book.remove_staff(7, AT + 1)
    assert book.staff(7) is None
    assert book.all_staff() == []
    assert book.staff_name(7) == NAME
    book.add_staff(7, Role.REVIEWER, "王芳", 2, AT + 2)
    assert book.staff(7) == Staff(7, Role.REVIEWER, "王芳", AT + 2, 2)


def test_names_and_tokens_are_not_written_out(book: StaffStore) -> None:
    book.add_staff(7, Role.EDITOR, NAME, 1, AT)
    book.add_invitation(TOKEN, Role.EDITOR, NAME, 1, AT + 1)
    assert NAME.encode().hex() not in dump(book).lower()
    assert NAME not in dump(book)
    assert TOKEN not in dump(book)


def test_administrators_come_first(book: StaffStore) -> None:
    for number, role in enumerate((Role.REVIEWER, Role.ADMIN, Role.EDITOR, Role.ADMIN)):
        book.add_staff(number, role, "", 0, AT - number)
    assert [one.telegram_id for one in book.all_staff()] == [3, 1, 2, 0]
    assert book.admins() == 2


def test_an_invitation_works_once_and_in_time(book: StaffStore) -> None:
    book.add_invitation(TOKEN, Role.EDITOR, NAME, 1, AT + 10)
    assert book.take_invitation("other", AT) is None
    taken = book.take_invitation(TOKEN, AT + 9)
    assert taken is not None
    assert (taken.role, taken.name, taken.invited_by) == (Role.EDITOR, NAME, 1)
    assert book.take_invitation(TOKEN, AT + 9) is None
    book.add_invitation(TOKEN, Role.EDITOR, NAME, 1, AT + 10)
    assert book.take_invitation(TOKEN, AT + 10) is None
    assert book.all("SELECT * FROM invitations") == []


def test_the_menu_is_noted_once_a_membership(book: StaffStore) -> None:
    book.add_staff(7, Role.EDITOR, NAME, 1, AT)
    assert book.note_menu(7, AT)
    assert not book.note_menu(7, AT)
    book.remove_staff(7, AT)
    book.add_staff(7, Role.EDITOR, NAME, 1, AT)
    assert book.note_menu(7, AT)
    assert not book.note_menu(8, AT)


def test_whom_the_settings_name_is_an_administrator_at_every_start(book: StaffStore) -> None:
    appoint(book, 1, 2)
    appoint(book, 1, 2)
    assert [(one.telegram_id, one.role) for one in book.all_staff()] == [(1, Role.ADMIN), (2, Role.ADMIN)]
    book.change_role(1, Role.EDITOR)
    book.remove_staff(2, AT)
    appoint(book, 1, 2)
    assert book.admins() == 2
    log = AuditStore(book.connection, book.vault, book.shelf)
    acts = [(entry.act, entry.about, entry.who) for entry in log.log_page("", 0, 9)]
    assert acts == [
        (Act.JOINED, "staff:2", 0),
        (Act.ROLE_CHANGED, "staff:1", 0),
        (Act.JOINED, "staff:2", 0),
        (Act.JOINED, "staff:1", 0),
    ]
