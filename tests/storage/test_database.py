"""What the database promises: settings, versions, and commits shared so that nobody suffers for another."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import database as module
from storage.database import GROUP, SCHEMA, Database, connect, migrate

FILES = len(list(SCHEMA.glob("*.sql")))

Work = Callable[[sqlite3.Connection], int]


class Wrong(Exception):  # noqa: N818 - raised on purpose
    """What a work raises."""


def note(number: int) -> Work:
    """Writes one row."""

    def work(connection: sqlite3.Connection) -> int:
        connection.execute("INSERT INTO received (update_id, at) VALUES (?, 0)", (number,))
        return number

    return work


def note_and_fail(number: int) -> Work:
    def work(connection: sqlite3.Connection) -> int:
        note(number)(connection)
        raise Wrong(number)

    return work


def break_the_commit(connection: sqlite3.Connection) -> int:
    """Harmless until the transaction ends."""
    connection.execute("PRAGMA defer_foreign_keys = on")
    connection.execute("INSERT INTO applications (person_id, plan_code, created_at) VALUES (404, 'NOWHERE', 0)")
    return 0


def ended(before: set[threading.Thread]) -> bool:
    """Whether every thread that came since has gone: one that stays would keep the process from ending."""
    since = set(threading.enumerate()) - before
    for thread in since:
        thread.join(5)
    return not any(thread.is_alive() for thread in since)


def noted(connection: sqlite3.Connection) -> list[int]:
    return [number for (number,) in connection.execute("SELECT update_id FROM received ORDER BY update_id")]


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(tmp_path / "anju.sqlite3")
    serving = asyncio.ensure_future(database.serve())
    yield database
    await database.close()
    await serving


# --- opening ---------------------------------------------------------------------------------------------------------


def test_a_connection_is_safe_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "anju.sqlite3"
    connection = connect(path)
    asked = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "trusted_schema": 0,
        "cell_size_check": 1,
        "mmap_size": 0,
        "busy_timeout": 5000,
    }
    assert {pragma: connection.execute(f"PRAGMA {pragma}").fetchone()[0] for pragma in asked} == asked
    migrate(connection)
    modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes == {0o600}
    connection.close()


def test_a_place_without_a_write_ahead_log_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "_PRAGMAS", {**module._PRAGMAS, "journal_mode": "delete"})
    with pytest.raises(RuntimeError, match="write-ahead log"):
        connect(tmp_path / "anju.sqlite3")
    monkeypatch.setattr(module, "_PRAGMAS", {"foreign_keys": "off"})
    with pytest.raises(RuntimeError, match="foreign keys"):
        connect(tmp_path / "anju.sqlite3")


def test_every_table_is_strict(tmp_path: Path) -> None:
    connection = connect(tmp_path / "anju.sqlite3")
    migrate(connection)
    tables = connection.execute("SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")
    assert [name for name, strict in tables if not strict and not name.startswith("sqlite_")] == []
    with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT"):
        connection.execute("INSERT INTO received (update_id, at) VALUES (1, 'soon')")
    connection.close()


def test_rows_point_at_rows_that_are_there(tmp_path: Path) -> None:
    connection = connect(tmp_path / "anju.sqlite3")
    migrate(connection)
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        connection.execute("INSERT INTO applications (person_id, plan_code, created_at) VALUES (1, 'X', 0)")
    connection.close()


# --- versions --------------------------------------------------------------------------------------------------------


def test_a_database_is_brought_to_the_newest_version_once(tmp_path: Path) -> None:
    connection = connect(tmp_path / "anju.sqlite3")
    assert migrate(connection) == FILES
    connection.execute("INSERT INTO received (update_id, at) VALUES (1, 0)")
    assert migrate(connection) == FILES
    assert noted(connection) == [1]
    assert connection.execute("PRAGMA user_version").fetchone() == (FILES,)
    connection.close()


@pytest.mark.parametrize("version", range(1, FILES))
def test_a_database_of_any_earlier_version_is_brought_up_with_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int
) -> None:
    early = tmp_path / "schema"
    early.mkdir()
    for file in sorted(SCHEMA.glob("*.sql"))[:version]:
        (early / file.name).write_text(file.read_text("utf-8"), "utf-8")
    connection = connect(tmp_path / "anju.sqlite3")
    with monkeypatch.context() as earlier:
        earlier.setattr(module, "SCHEMA", early)
        assert migrate(connection) == version
    connection.execute("INSERT INTO people (phone, phone_index, created_at) VALUES (x'00', x'01', 5)")
    assert migrate(connection) == FILES
    assert connection.execute("SELECT id, created_at FROM people").fetchall() == [(1, 5)]
    connection.close()


def test_a_database_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    connection = connect(tmp_path / "anju.sqlite3")
    connection.execute(f"PRAGMA user_version = {FILES + 1}")
    with pytest.raises(RuntimeError, match=f"version {FILES + 1}, this program knows {FILES}"):
        migrate(connection)
    connection.close()


def test_a_migration_that_fails_leaves_the_version_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    schema = tmp_path / "schema"
    schema.mkdir()
    (schema / "0001_first.sql").write_text("CREATE TABLE first (id INTEGER) STRICT;")
    (schema / "0002_second.sql").write_text("CREATE TABLE second (id INTEGER) STRICT; INSERT INTO nowhere VALUES (1);")
    monkeypatch.setattr(module, "SCHEMA", schema)
    connection = connect(tmp_path / "anju.sqlite3")
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        migrate(connection)
    connection.close()
    connection = connect(tmp_path / "anju.sqlite3")
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("first",)]
    connection.close()


async def test_a_database_that_cannot_be_opened_leaves_no_thread_behind(tmp_path: Path) -> None:
    connection = connect(tmp_path / "anju.sqlite3")
    connection.execute(f"PRAGMA user_version = {FILES + 1}")
    connection.close()
    await asyncio.to_thread(int)  # the loop keeps a thread for such calls; it is not the one we look for
    before = set(threading.enumerate())
    with pytest.raises(RuntimeError, match="version"):
        await Database.open(tmp_path / "anju.sqlite3")
    assert ended(before)


# --- commits together ------------------------------------------------------------------------------------------------


async def test_works_that_wait_together_share_a_commit_and_keep_their_order(database: Database) -> None:
    order: list[int] = []

    def work(number: int) -> Work:
        def in_order(_: sqlite3.Connection) -> int:
            order.append(number)
            return number

        return in_order

    results = await asyncio.gather(*(database.write(work(number)) for number in reversed(range(GROUP))))
    assert results == order == list(reversed(range(GROUP)))
    assert database.commits == 1


async def test_more_works_than_a_group_holds_take_more_commits(database: Database) -> None:
    await asyncio.gather(*(database.write(note(number)) for number in range(GROUP + 1)))
    assert database.commits == 2


async def test_a_work_that_fails_takes_nothing_with_it_but_itself(database: Database) -> None:
    undone = []
    database.on_rollback = lambda: undone.append(True)
    works = [note(1), note_and_fail(2), note(3), note_and_fail(4), note(2)]
    results = await asyncio.gather(*map(database.write, works), return_exceptions=True)
    assert [type(result) for result in results] == [int, Wrong, int, Wrong, int]
    assert await database.read(noted) == [1, 2, 3]
    assert (database.commits, undone) == (1, [True, True])


async def test_a_commit_that_fails_is_told_to_everybody_and_keeps_nothing(database: Database) -> None:
    undone = []
    database.on_rollback = lambda: undone.append(True)
    results = await asyncio.gather(*map(database.write, [note(1), break_the_commit, note(2)]), return_exceptions=True)
    assert [type(result) for result in results] == [sqlite3.IntegrityError] * 3
    assert await database.read(noted) == []
    assert undone == [True]
    assert await database.write(note(5)) == 5


async def test_a_work_whose_asker_is_gone_is_done_all_the_same(database: Database) -> None:
    first, second = (asyncio.ensure_future(database.write(note(number))) for number in (1, 2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == 2
    assert first.cancelled()
    assert await database.read(noted) == [1, 2]


async def test_a_failure_whose_asker_is_gone_troubles_nobody(database: Database) -> None:
    first, second = (
        asyncio.ensure_future(database.write(note_and_fail(1))),
        asyncio.ensure_future(database.write(note(2))),
    )
    await asyncio.sleep(0)
    first.cancel()
    assert await second == 2
    assert await database.read(noted) == [2]


async def test_what_is_read_is_what_was_committed(database: Database) -> None:
    await database.write(note(1))
    assert await database.read(noted) == [1]
    with pytest.raises(sqlite3.OperationalError):
        await database.read(lambda connection: connection.execute("SELECT * FROM nowhere").fetchall())


async def test_a_database_that_closes_takes_no_more_works(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "anju.sqlite3")
    serving = asyncio.ensure_future(database.serve())
    await database.write(note(1))
    await database.close()
    await serving
    with pytest.raises(RuntimeError, match="closing"):
        await database.write(note(2))
    again = await Database.open(tmp_path / "anju.sqlite3")
    assert await again.read(noted) == [1]
    await again.close()


@settings(max_examples=20, deadline=None)
@given(works=st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=GROUP * 2))
def test_any_mixture_of_works_ends_as_if_each_had_come_alone(works: list[tuple[int, bool]]) -> None:
    """Also those that fail by themselves, since their number is there already."""

    async def play(folder: Path) -> tuple[list[object], list[int]]:
        database = await Database.open(folder / "anju.sqlite3")
        serving = asyncio.ensure_future(database.serve())
        asked = [database.write(note_and_fail(number) if fails else note(number)) for number, fails in works]
        results = await asyncio.gather(*asked, return_exceptions=True)
        kept = await database.read(noted)
        await database.close()
        await serving
        return list(results), kept

    alone: set[int] = set()
    expected: list[type] = []
    for number, fails in works:
        expected.append(sqlite3.IntegrityError if number in alone else Wrong if fails else int)
        if not fails:
            alone.add(number)
    with TemporaryDirectory() as folder:
        results, kept = asyncio.run(play(Path(folder)))
    assert [type(result) for result in results] == expected
    assert set(kept) == alone


# --- while nothing can be written ------------------------------------------------------------------------------------


def fill(number: int) -> Work:
    def work(connection: sqlite3.Connection) -> int:
        connection.execute(
            "INSERT INTO dead_letters (key, chat_id, received_at, failed_at, error, body) VALUES ('', 0, 0, 0, '', ?)",
            (bytes(2_000_000),),
        )
        return note(number)(connection)

    return work


async def limit(database: Database, pages: int) -> None:
    await database.read(lambda connection: connection.execute(f"PRAGMA max_page_count = {pages}").fetchall())


async def test_a_full_disk_takes_nothing_with_it_but_what_had_no_room(database: Database) -> None:
    await limit(database, 300)
    results = await asyncio.gather(*map(database.write, [note(1), fill(2), note(3)]), return_exceptions=True)
    kept = await database.read(noted)
    for number, result in zip((1, 2, 3), results, strict=True):
        assert (number in kept) is (result == number)
    assert isinstance(results[1], sqlite3.OperationalError)
    assert await database.write(note(4)) == 4


async def test_what_must_not_be_given_up_waits_until_there_is_room(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAUSES", (0.01,))
    await limit(database, 300)
    loop, tried = asyncio.get_running_loop(), asyncio.Semaphore(0)

    def undone() -> None:
        loop.call_soon_threadsafe(tried.release)

    database.on_rollback = undone
    waiting = asyncio.ensure_future(database.insist(fill(1)))
    for _ in range(3):
        await tried.acquire()
    assert not waiting.done()
    await limit(database, 1_000_000)
    assert await asyncio.wait_for(waiting, 5) == 1
    assert await database.read(noted) == [1]


async def test_a_statement_that_is_wrong_is_not_tried_for_ever(database: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        await database.insist(lambda connection: connection.execute("SELECT * FROM nowhere").fetchall())
    assert database.commits == 1


async def test_what_is_insisted_on_and_possible_is_done_once(database: Database) -> None:
    assert await database.insist(note(1)) == 1
    with pytest.raises(sqlite3.IntegrityError):
        await database.insist(note(1))
    assert await database.read(noted) == [1]


async def test_a_log_that_cannot_be_cut_keeps_nothing_from_closing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = set(threading.enumerate())
    database = await Database.open(tmp_path / "anju.sqlite3")
    await database.read(lambda connection: connection.execute("BEGIN IMMEDIATE").fetchall())
    await database.close()
    assert "the write-ahead log stays" in caplog.messages
    assert ended(before)
