"""The 64 bytes of a button: revision, button, argument. Not all data come from buttons we drew: reading is strict."""

from __future__ import annotations

import re

LONGEST = 64  # Bot API: bytes of callback_data
_SHAPE = re.compile(r"([0-9a-z]{1,8})\.([a-z_]{1,24})(?:\.([A-Za-z0-9_-]{1,32}))?", re.ASCII)
_LINK = re.compile(r"~\.([A-Za-z0-9_-]{1,60})", re.ASCII)


def encode_link(payload: str) -> str:
    """For a button beside the screen, which leads where a deep link does. Raises ValueError for what is no payload."""
    data = f"~.{payload}"
    if decode_link(data) is None:
        raise ValueError("not the payload of a deep link")
    return data


def decode_link(data: str) -> str | None:
    match = _LINK.fullmatch(data) if len(data) <= LONGEST else None
    return match[1] if match else None


def encode(revision: int, button: str, argument: str = "") -> str:
    """Raises ValueError for what could not be read back."""
    if revision < 0:
        raise ValueError("revisions count from 0")
    data = f"{_base36(revision)}.{button}" + (f".{argument}" if argument else "")
    if decode(data) is None:
        raise ValueError(f"button {button} does not fit into callback data")
    return data


def decode(data: str) -> tuple[int, str, str] | None:
    """(revision, button, argument), or None for what we never wrote."""
    match = _SHAPE.fullmatch(data) if len(data) <= LONGEST else None
    return (int(match[1], 36), match[2], match[3] or "") if match else None


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
        if not number:
            return digits
