"""Cleaning what people type. The door (``clean``) is passed once by every text; the rest is asked for by fields."""

from __future__ import annotations

import re
import unicodedata

# Private-use code points that older Chinese fonts and card readers still write for characters Unicode has since got.
_OLD_CODES = {"\ue863": "䶮"}
_DOTS = str.maketrans(dict.fromkeys("•・‧∙．˙●⋅", "·"))
_SPACES = re.compile(r"\s+")
_BETWEEN_HAN = re.compile("(?<=[\u2e80-\U0003ffff]) (?=[\u2e80-\U0003ffff])")


def clean(text: str) -> str:
    """Without NUL, lone surrogates, control, invisible and direction characters; line breaks stay.

    Characters that this Python's Unicode tables do not know yet stay: names are written with them.
    """
    kept = []
    for character in text.replace("\r\n", "\n").replace("\r", "\n"):
        category = unicodedata.category(character)
        if character in {"\t", "\u2028", "\u2029"}:
            kept.append(" ")
        elif character == "\n" or category not in {"Cc", "Cf", "Cs", "Co"}:
            kept.append(character)
        elif character in _OLD_CODES:
            kept.append(_OLD_CODES[character])
    return "".join(kept).strip()


def one_line(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


def plain_digits(text: str) -> str:
    """As ``plain_number``, and without hyphens: for what is written in groups, as phones and ID numbers are."""
    return re.sub(r"[\-‐‑–—_]", "", plain_number(text))


def plain_number(text: str) -> str:
    """Digits of every script as 0-9, fullwidth letters and signs as ASCII, all upper case, without spaces."""
    out = []
    for character in text:
        number = unicodedata.decimal(character, None)
        out.append(str(number) if number is not None else unicodedata.normalize("NFKC", character))
    return _SPACES.sub("", "".join(out)).upper()


def name_text(text: str) -> str:
    """A person's name: composed once (NFC), one kind of middle dot, no doubled spaces. Never NFKC: it changes names.

    Spaces between Han go too: 「王　芳」 is how short names are set on forms, not how they stand on a card.
    """
    text = unicodedata.normalize("NFC", one_line(text)).translate(_DOTS)
    return _BETWEEN_HAN.sub("", re.sub(r"\s*·\s*", "·", text))


def is_letter_of_name(character: str) -> bool:
    """Han of any plane, Latin letters, the marks between the parts of a name."""
    if character in "·'-. 〇" or 0x20000 <= ord(character) < 0x40000:  # all of planes 2 and 3 is, or will be, Han
        return True
    return unicodedata.category(character) in {"Lo", "Lu", "Ll", "Lt", "Lm", "Mn", "Mc"}
