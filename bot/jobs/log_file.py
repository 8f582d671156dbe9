"""The log as a table: .xlsx or .csv, for the worker process. No cell of it can act as a formula."""

from __future__ import annotations

import csv
import importlib
from collections.abc import Sequence
from io import StringIO

Rows = Sequence[Sequence[str]]

# OWASP, CSV injection: spreadsheets take a text that begins so for something to work out.
ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def log_csv(rows: Rows) -> bytes:
    """UTF-8 with a mark, by which Excel knows it; the first row holds the headings."""
    target = StringIO(newline="")
    csv.writer(target, quoting=csv.QUOTE_ALL).writerows([[_harmless(cell) for cell in row] for row in rows])
    return target.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.lstrip(" ").startswith(ACTIVE) else cell


def log_xlsx(rows: Rows) -> bytes:
    """All cells are text, whatever they look like."""
    return bytes(importlib.import_module("bot.jobs.log_xlsx").write(rows))
