"""The log of what staff do: only ever added to, each line chained to the one before it.

The chain is keyed: whoever can write to the database, but has not the master key, cannot make it fit again. Lines cut
off at the end leave a chain that fits; that their numbers were given shows in ``sqlite_sequence``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from flows.model import Moment
from flows.staff.model import Act, Entry
from storage.store import Row, Store

_COLUMNS = "id, at, who, act, object, before, after"
_START = b""


class AuditStore(Store):
    def log(
        self,
        at: Moment,
        who: int,
        act: Act,
        about: str,
        before: Mapping[str, object] | None = None,
        after: Mapping[str, object] | None = None,
    ) -> None:
        last = self.one("SELECT hash FROM audit ORDER BY id DESC LIMIT 1")
        # One connection writes, inside a transaction: nobody takes the number in between.
        sequence = self.one("SELECT seq FROM sqlite_sequence WHERE name = 'audit'")
        number = int(sequence[0]) + 1 if sequence else 1
        line = (number, at, who, str(act), about, _written(before), _written(after))
        self.write(
            f"INSERT INTO audit ({_COLUMNS}, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            *line,
            self._hash(last[0] if last else _START, line),
        )

    def log_length(self, about: str = "") -> int:
        where, values = _of(about)
        row = self.one(f"SELECT count(*) FROM audit {where}", *values)
        return int(row[0]) if row else 0

    def log_page(self, about: str, offset: int, limit: int) -> Sequence[Entry]:
        where, values = _of(about)
        rows = self.all(
            f"SELECT {_COLUMNS} FROM audit {where} ORDER BY id DESC LIMIT ? OFFSET ?", *values, limit, offset
        )
        return [_entry(row) for row in rows]

    def logged_plans(self) -> Sequence[str]:
        rows = self.all("SELECT object FROM audit WHERE object LIKE 'plan:%' GROUP BY object ORDER BY max(id) DESC")
        return [str(about).partition(":")[2] for (about,) in rows]

    def first_break(self) -> int | None:
        """The number of the first line that does not fit the one before it; None when all do."""
        previous = _START
        for *line, kept in self.connection.execute(f"SELECT {_COLUMNS}, hash FROM audit ORDER BY id"):
            if not self.vault.same(self._hash(previous, tuple(line)), kept):
                return int(line[0])
            previous = kept
        return None

    def _hash(self, previous: bytes, line: Row) -> bytes:
        return self.vault.index("audit", orjson.dumps([previous.hex(), *line]).decode())


def _of(about: str) -> tuple[str, tuple[str, ...]]:
    return ("WHERE object = ?", (about,)) if about else ("", ())


def _written(values: Mapping[str, object] | None) -> str:
    return orjson.dumps(values or {}, option=orjson.OPT_SORT_KEYS).decode()


def _entry(row: Row) -> Entry:
    number, at, who, act, object_, before, after = row
    return Entry(number, at, who, Act(act), object_, orjson.loads(before), orjson.loads(after))
