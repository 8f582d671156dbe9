"""Writing workbooks, without what it takes until it is called: openpyxl, and with it numpy, are 40 MB.

Only the worker process ever writes one, so that the bot itself does without them.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from bot.jobs.workbook.fields import Field
from flows.model import Plan


def template_workbook(fields: Mapping[str, Field]) -> bytes:
    """See ``writing.template_workbook``."""
    return bytes(importlib.import_module("bot.jobs.workbook.writing").template_workbook(fields))


def write_workbook(plan: Plan | None = None, fields: Mapping[str, Field] | None = None) -> bytes:
    """See ``writing.write_workbook``."""
    return bytes(importlib.import_module("bot.jobs.workbook.writing").write_workbook(plan, fields))


def example_workbook(fields: Mapping[str, Field]) -> bytes:
    """See ``example.example_workbook``."""
    return bytes(importlib.import_module("bot.jobs.workbook.example").example_workbook(fields))
