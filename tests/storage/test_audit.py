"""The log is only ever added to, and shows when somebody tampered with it all the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.staff.model import Act
from storage.audit import AuditStore
from storage.database import connect, migrate
from storage.store import Shelf
from storage.vault import MasterKey, Vault

AT = 1_795_482_000_000


@pytest.fixture
def log(tmp_path: Path) -> Iterator[AuditStore]:
    connection = connect(tmp_path / "anju.sqlite3")
    migrate(connection)
    keys = sqlite3.connect(":memory:", isolation_level=None)
    Vault.prepare(keys)
    with Vault(MasterKey.random(), keys) as vault:
        yield AuditStore(connection, vault, Shelf())
    connection.close()


def write(log: AuditStore, lines: int = 5) -> None:
    for number in range(lines):
        log.log(AT + number, 100, Act.CHANGED, f"plan:HD{number % 2}", {"name": "旧"}, {"name": f"新{number}"})


def test_a_log_is_read_newest_first_and_of_one_plan(log: AuditStore) -> None:
    write(log)
    assert [entry.id for entry in log.log_page("", 0, 3)] == [5, 4, 3]
    assert [entry.id for entry in log.log_page("", 3, 3)] == [2, 1]
    assert [entry.id for entry in log.log_page("plan:HD1", 0, 9)] == [4, 2]
    assert (log.log_length(), log.log_length("plan:HD1")) == (5, 2)
    newest = log.log_page("", 0, 1)[0]
    assert (newest.at, newest.who, newest.act, newest.kind, newest.code) == (AT + 4, 100, Act.CHANGED, "plan", "HD0")
    assert (newest.before, newest.after, newest.member) == ({"name": "旧"}, {"name": "新4"}, 0)


@pytest.mark.parametrize("sql", ["UPDATE audit SET who = 1", "DELETE FROM audit", "DELETE FROM audit WHERE id = 1"])
def test_a_line_can_neither_be_changed_nor_taken_out(log: AuditStore, sql: str) -> None:
    write(log)
    with pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
        log.write(sql)
    assert log.log_length() == 5
    assert log.first_break() is None


@pytest.mark.parametrize(
    ("sql", "broken"),
    [
        ("UPDATE audit SET who = 1 WHERE id = 3", 3),
        ("UPDATE audit SET after = '{}' WHERE id = 1", 1),
        ("UPDATE audit SET at = at + 1 WHERE id = 5", 5),
        ("DELETE FROM audit WHERE id = 2", 3),
        ("UPDATE audit SET hash = (SELECT hash FROM audit WHERE id = 4) WHERE id = 5", 5),
    ],
)
def test_tampering_around_the_triggers_shows(log: AuditStore, sql: str, broken: int) -> None:
    write(log)
    log.write("DROP TRIGGER audit_is_not_changed")
    log.write("DROP TRIGGER audit_is_not_cut")
    log.write(sql)
    assert log.first_break() == broken


def test_an_empty_log_is_whole(log: AuditStore) -> None:
    assert log.first_break() is None
    assert log.log_page("", 0, 8) == []


def test_numbers_stay_in_step_after_work_that_was_undone(log: AuditStore) -> None:
    write(log, 2)
    log.write("BEGIN")
    write(log, 2)
    log.write("ROLLBACK")
    write(log, 1)
    assert [entry.id for entry in log.log_page("", 0, 9)] == [3, 2, 1]
    assert log.first_break() is None
