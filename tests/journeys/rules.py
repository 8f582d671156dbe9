"""What holds for every screen, wherever somebody comes to rest."""

from __future__ import annotations

import re

from bot.rehearsal.client import plain
from tests.journeys.identities import id_number_of
from tests.journeys.walking import Walker, with_buttons

MOST_ROWS = 8
LISTS = frozenset(
    {"plans/list", "plans/projects", "plans/results", "projects/unit_types", "records/list"}
)  # 8 and a row
NOTES = ("⚠️", "ℹ️", "✅")

# Buttons that lead out or back, by id. One of them stands in the last row.
WAYS_BACK = frozenset(
    {"back", "contents", "previous", "home", "later", "keep", "other_phone", "section_done", "other_language"}
    | {"items_done", "keep_item"}
)
WITH_ID_NUMBER = frozenset({"application/review"})  # shows its owner everything, for checking


def body_of(text: str) -> str:
    """A screen without what is said above it."""
    return "\n\n".join(part for part in text.split("\n\n") if not part.startswith(NOTES))


async def holds_to_the_rules(walker: Walker) -> None:
    """AssertionError that names the rule and shows the screen."""
    where = f"at {walker.place}:\n{walker.player.describe(3)}"
    screen = walker.screen
    rows = screen.get("reply_markup", {}).get("inline_keyboard", [])
    assert len(with_buttons(walker.player)) <= 1, f"more than one message has buttons {where}"
    assert rows or walker.player.keyboard, f"no way on {where}"
    assert not (rows and walker.player.keyboard), f"two keyboards at once {where}"
    assert len(rows) <= MOST_ROWS + (walker.place in LISTS), f"more than {MOST_ROWS} rows {where}"
    coloured = [button for row in rows for button in row if "style" in button]
    assert len(coloured) <= 1, f"more than one coloured button {where}"
    if rows:
        last = {button["callback_data"].split(".")[1] for button in rows[-1]}
        assert last & WAYS_BACK, f"no way back in the last row {where}"
    else:
        assert len(walker.player.keys()) >= 2, f"no way back on the keyboard {where}"
    text = plain(screen)
    assert text.strip(), f"an empty screen {where}"
    assert not re.search(r"\bNone\b|Undefined|\{\{|\{%|&lt;|&amp;|<b>|\+86", text), f"raw signs {where}"
    lines = text.split("\n")
    assert all(len(re.findall(r"[\u2600-\u27bf\U0001f300-\U0001faff]", line)) <= 1 for line in lines), f"emoji {where}"
    _is_masked(walker, text, where)


def _is_masked(walker: Walker, text: str, where: str) -> None:
    if walker.place in WITH_ID_NUMBER:
        return
    phone = walker.player.person.phone
    assert phone.removeprefix("86") not in text, f"a whole phone number {where}"
    assert id_number_of(walker.player.id) not in text, f"a whole ID number {where}"
