"""The 64 bytes of a button: what is written is read back, what we never wrote is not read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.callbacks import LONGEST, decode, decode_link, encode, encode_link

BUTTONS = st.from_regex(r"[a-z_]{1,24}", fullmatch=True)
ARGUMENTS = st.from_regex(r"[A-Za-z0-9_-]{0,32}", fullmatch=True)
PAYLOADS = st.from_regex(r"[A-Za-z0-9_-]{1,60}", fullmatch=True)
REVISIONS = st.integers(0, 36**8 - 1)


@given(REVISIONS, BUTTONS, ARGUMENTS)
def test_what_is_written_is_read_back_or_not_written(revision: int, button: str, argument: str) -> None:
    try:
        data = encode(revision, button, argument)
    except ValueError:
        assert len(f"{button}.{argument}") > 54  # the longest of all three together are two characters too long
        return
    assert len(data.encode()) <= LONGEST
    assert decode(data) == (revision, button, argument)
    assert decode_link(data) is None


@given(st.integers(), st.text(max_size=40), st.text(max_size=40))
def test_nothing_is_written_that_could_not_be_read_back(revision: int, button: str, argument: str) -> None:
    try:
        data = encode(revision, button, argument)
    except ValueError:
        return
    assert decode(data) == (revision, button, argument)


@given(PAYLOADS)
def test_a_link_is_read_back_and_is_no_button(payload: str) -> None:
    data = encode_link(payload)
    assert len(data.encode()) <= LONGEST
    assert decode_link(data) == payload
    assert decode(data) is None


@given(st.text(max_size=80) | st.from_regex(r"[0-9a-zA-Z~]{0,10}\.[a-zA-Z_.]{0,70}"))
def test_foreign_data_are_read_strictly_or_not_at_all(data: str) -> None:
    parts = decode(data)
    if parts is not None:
        revision, button, argument = parts
        assert revision >= 0
        assert button.isascii()
        assert argument.isascii()
    payload = decode_link(data)
    assert payload is None or encode_link(payload) == data


@pytest.mark.parametrize(
    "data",
    ["", ".", "1", "1.", "1.go.", "1.Go", "١.go", "1.go\n", "1.go.a\n", "-1.go", "1.go.a.b", "1..a", "1.go.é", "1.ｇｏ",
     "123456789.go", "~.", "~.a b", "~.a\n", "~." + "a" * 61, "1." + "a" * 25, "\x00.go", "1.go.\ud800"],
)  # fmt: skip
def test_what_we_never_wrote_is_nothing(data: str) -> None:
    assert decode(data) is None
    assert decode_link(data) is None


@pytest.mark.parametrize("payload", ["", "a" * 61, "é", "a.b", "a b"])
def test_a_payload_that_no_deep_link_takes_is_refused(payload: str) -> None:
    with pytest.raises(ValueError, match="payload"):
        encode_link(payload)
