"""The log: one line per record, and a last net that takes out tokens, telephone numbers and ID numbers.

Nothing that names a person should be logged in the first place. The net is for what slips through: a URL in a library's
message, an exception that quotes what somebody typed.
"""

import logging
import re
import sys
import sysconfig
import time
import traceback
from typing import TextIO

NOISY = (
    "PIL",
    "aiohttp.access",
    "aiosqlite",
    "asyncio",
    "fontTools",
    "fpdf",
    "httpcore",
    "httpx",
    "telegram",
    "transitions",
)
"""Loggers that would write every request with its address, every parameter, every callback: only from WARNING up."""

REDACTIONS = (
    # A bot's token, alone or in /bot<token>/ and /file/bot<token>/.
    (re.compile(r"[0-9]{5,}:[A-Za-z0-9_-]{20,}"), "<token>"),
    # The same percent-encoded, as some libraries print addresses.
    (re.compile(r"[0-9]{5,}%3[Aa][A-Za-z0-9_-]{20,}"), "<token>"),
    # GB 11643: 17 digits and a digit or X. Before the numbers, which it could contain.
    (re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])"), "<id>"),
    # A mobile number of the mainland, with or without +86, in one piece or as 138 0013 8000.
    (re.compile(r"(?<![0-9.])(?:(?:\+|00)?86[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}(?![0-9])"), "<phone>"),
    # Any other number in international form.
    (re.compile(r"\+[1-9][0-9]{7,14}(?![0-9])"), "<phone>"),
)

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160), 0x2028, 0x2029)} | {10: "\\n", 9: "\\t"}


def redact(text: str) -> str:
    """The text without bot tokens, telephone numbers and ID numbers."""
    for pattern, mark in REDACTIONS:
        text = pattern.sub(mark, text)
    return text


class LineFormatter(logging.Formatter):
    """`2026-11-24T01:00:00.123Z WARNING bot.delivery call failed method=sendMessage kind=TimedOut`.

    Always one line: control characters, which could forge another, are written as escapes. What is passed as `extra`
    follows as key=value. An exception adds its kind, its place in our code, and its traceback, all through the net.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The whole line, redacted, without a line feed at its end."""
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        parts = [f"{at}.{int(record.msecs):03d}Z", record.levelname, record.name, record.getMessage()]
        parts += [f"{key}={_value(value)}" for key, value in vars(record).items() if key not in _STANDARD]
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            trace = self.formatException(record.exc_info)
            parts.append(f"exception={type(error).__name__} at={_value(place_of(error))} trace={_value(trace)}")
        if record.stack_info:
            parts.append(f"stack={_value(record.stack_info)}")
        return redact(" ".join(parts)).translate(_CONTROL)


class LineHandler(logging.StreamHandler[TextIO]):
    """A stream handler that keeps to itself what it could not write."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Name the place only: the standard one prints message and arguments, past the net."""
        sys.stderr.write(f"a log record of {record.filename}:{record.lineno} could not be written\n")


def set_up(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send every record from `level` up to `stream` (standard error) as one redacted line; Python's warnings, too."""
    handler = LineHandler(stream or sys.stderr)
    handler.setFormatter(LineFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


def place_of(error: BaseException) -> str:
    """Where an exception was raised, the innermost place in our own code first: `bot/turn.py:12 < database.py:80`.

    Only names of files and lines: fit for a log that must not hold what people typed.
    """
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return "-"
    own = [frame for frame in frames if "site-packages" not in frame.filename and not _is_standard(frame.filename)]
    last = frames[-1]
    places = [own[-1], last] if own and own[-1] is not last else [last]
    return " < ".join(f"{_short(frame.filename)}:{frame.lineno}" for frame in places)


def _is_standard(filename: str) -> bool:
    return filename.startswith((sysconfig.get_paths()["stdlib"], "<frozen"))


def _short(filename: str) -> str:
    return "/".join(filename.replace("\\", "/").rsplit("/", 2)[-2:])


def _value(value: object) -> str:
    text = str(value)
    return f'"{text}"' if not text or any(character in text for character in ' ="\n') else text
