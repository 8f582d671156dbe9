"""Cleans what people typed elsewhere."""

from __future__ import annotations

import unicodedata

# Control, formatting (zero-width, right-to-left override), surrogates, private use. Not the unassigned: this Python's
# tables are older than the rarest characters in people's names.
_HIDDEN = {"Cc", "Cf", "Cs", "Co"}


def visible(text: str) -> str:
    """In NFC, without characters that do not show; line ends become ``\\n`` and stay, tabs become spaces."""
    if not text.isprintable():
        lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\t", " ")
        text = "".join(each for each in lines if each == "\n" or not _is_hidden(each))
    return unicodedata.normalize("NFC", text)


def _is_hidden(character: str) -> bool:
    # the last two places of each plane are no characters at all
    return unicodedata.category(character) in _HIDDEN or ord(character) & 0xFFFE == 0xFFFE
