"""From Telegram's updates to events: everything that may come, and what is none of our business."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.callbacks import encode, encode_link
from bot.telegram.client import AiohttpRequest
from bot.telegram.translate import ALLOWED, LARGEST_ID, chat_of, translate
from flows.events import Command, Contact, Edited, Event, File, Follow, Membership, Other, Press, Text

Json = dict[str, Any]
FANG: Json = {"id": 1001, "is_bot": False, "first_name": "芳", "language_code": "zh-hans"}
BOT: Json = {"id": 4242, "is_bot": True, "first_name": "安居"}
PRIVATE: Json = {"id": 1001, "type": "private", "first_name": "芳"}
GROUP: Json = {"id": -100123, "type": "supergroup", "title": "群"}
CHANNEL: Json = {"id": -100456, "type": "channel", "title": "频道"}
DATE = 1_795_000_000


def message(fields: Json, *, sender: Json | None = FANG, chat: Json = PRIVATE, kind: str = "message") -> Json:
    who = {"from": sender} if sender else {}
    return {"update_id": 1, kind: {"message_id": 7, "date": DATE, "chat": chat, **who, **fields}}


def event_of(update: Json) -> Event | None:
    """By way of the JSON that is kept, as in the inbox."""
    envelope = translate(orjson.loads(orjson.dumps(update)))
    if envelope is None:
        return None
    assert envelope.chat_id == chat_of(update)
    return envelope.event


# -- words -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("王芳", Text("王芳", 7)),
        ("/start", Command("start", "", 7)),
        ("/START plan_HD2603", Command("start", "plan_HD2603", 7)),
        ("/start@anju_bot plan_HD2603 ", Command("start", "plan_HD2603", 7)),
        ("/cancel\nnow", Command("cancel", "now", 7)),
        ("/", Text("/", 7)),
        ("/登记", Text("/登记", 7)),
        ("1/2", Text("1/2", 7)),
        ("a\x00b\u202ec\u200bd", Text("abcd", 7)),
        ("a\r\nb\tc", Text("a\nb c", 7)),
        ("\x00", Text("", 7)),
        ("长" * 5000, Text("长" * 4096, 7)),
        ("𬍛", Text("𬍛", 7)),
    ],
)
def test_what_people_type(typed: str, expected: Event) -> None:
    assert event_of(message({"text": typed})) == expected


@pytest.mark.parametrize("escaped", [r"a\ud800b", r"a\udfffb", r"a\u0000b", r"a\ud83c\udfe0b"])
def test_half_a_surrogate_from_telegram_does_no_harm(escaped: str) -> None:
    raw = orjson.dumps({"ok": True, "result": [message({"text": "@"})]}).replace(b"@", escaped.encode())
    (update,) = AiohttpRequest.parse_json_payload(raw)["result"]
    event = event_of(update)
    assert isinstance(event, Text)
    assert event.text in {"a?b", "ab", "a🏠b"}


def test_a_command_that_is_passed_on_commands_nothing() -> None:
    origin = {"type": "user", "date": DATE, "sender_user": FANG}
    assert event_of(message({"text": "/start", "forward_origin": origin})) == Text("/start", 7)


def test_an_edited_message_is_never_an_answer() -> None:
    assert event_of(message({"text": "/start", "edit_date": DATE}, kind="edited_message")) == Edited(7)


@pytest.mark.parametrize(("code", "language"), [("zh-hans", "zh-hans"), (None, "")])
def test_the_language_of_the_app_comes_along(code: str | None, language: str) -> None:
    sender = {**FANG, "language_code": code} if code else {key: FANG[key] for key in FANG if key != "language_code"}
    envelope = translate(message({"text": "a"}, sender=sender))
    assert envelope is not None
    assert envelope.language == language


# -- contacts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "outer", "own"),
    [
        ({"user_id": 1001}, {}, True),
        ({"user_id": 1002}, {}, False),
        ({}, {}, False),
        ({"user_id": 1001}, {"forward_origin": {"type": "user", "date": DATE, "sender_user": FANG}}, False),
        ({"user_id": 1001}, {"forward_origin": {"type": "hidden_user", "date": DATE, "sender_user_name": "x"}}, False),
    ],
)
def test_only_ones_own_contact_is_ones_own(more: Json, outer: Json, own: bool) -> None:
    contact = {"phone_number": "8613800138000", "first_name": "芳", **more}
    assert event_of(message({"contact": contact, **outer})) == Contact("8613800138000", own, 7)


# -- pictures and files ------------------------------------------------------------------------------------------------

SIZES = [
    {"file_id": "s", "file_unique_id": "us", "width": 90, "height": 60, "file_size": 900},
    {"file_id": "l", "file_unique_id": "ul", "width": 1280, "height": 853, "file_size": 90000},
    {"file_id": "m", "file_unique_id": "um", "width": 320, "height": 213},
]


def test_a_photo_is_its_largest_size() -> None:
    photo = event_of(message({"photo": SIZES, "caption": "身份证"}))
    assert photo == File("l", "ul", False, 90000, "image/jpeg", 1280, 853, "", 7)


def test_pictures_of_an_album_have_its_name() -> None:
    photo = event_of(message({"photo": SIZES, "media_group_id": "13"}))
    assert isinstance(photo, File)
    assert photo.group == "13"


def test_a_file_may_say_little_about_itself() -> None:
    document = {"file_id": "d", "file_unique_id": "ud"}
    assert event_of(message({"document": document})) == File("d", "ud", True, message_id=7)
    more = {**document, "mime_type": "image/heic", "file_size": 5, "file_name": "../../身份证.heic"}
    assert event_of(message({"document": more})) == File("d", "ud", True, 5, "image/heic", message_id=7)


# -- what no conversation asks for -------------------------------------------------------------------------------------

MEDIA: Json = {"file_id": "f", "file_unique_id": "u", "duration": 1}
FLAT: Json = {**MEDIA, "width": 1, "height": 1}
PLACE: Json = {"latitude": 39.9, "longitude": 116.4}
POLL: Json = {
    "id": "1", "question": "?", "options": [], "total_voter_count": 0, "is_closed": False, "is_anonymous": True,
    "type": "regular", "allows_multiple_answers": False, "allows_revoting": True, "members_only": False,
}  # fmt: skip
OTHERS: dict[str, Json] = {
    "sticker": {**FLAT, "type": "regular", "is_animated": False, "is_video": False},
    "voice": MEDIA,
    "video": FLAT,
    "video_note": {**MEDIA, "length": 1},
    "audio": MEDIA,
    "animation": FLAT,
    "location": PLACE,
    "poll": POLL,
    "dice": {"emoji": "🎲", "value": 1},
    "game": {"title": "t", "description": "d", "photo": SIZES},
    "story": {"id": 1, "chat": PRIVATE},
    "checklist": {"title": "t", "tasks": []},
    "invoice": {"title": "t", "description": "d", "start_parameter": "s", "currency": "CNY", "total_amount": 1},
}


@pytest.mark.parametrize("kind", OTHERS)
def test_other_kinds_are_named(kind: str) -> None:
    assert event_of(message({kind: OTHERS[kind]})) == Other(kind, 7)


def test_an_animation_which_is_a_file_too_is_none() -> None:
    assert event_of(message({"animation": FLAT, "document": MEDIA})) == Other("animation", 7)


def test_a_venue_is_a_place() -> None:
    venue = {"location": PLACE, "title": "t", "address": "a"}
    assert event_of(message({"venue": venue, "location": PLACE})) == Other("location", 7)


@pytest.mark.parametrize(
    "fields", [{}, {"telepathy": {"thought": "?"}}, {"paid_media": {"star_count": 1, "paid_media": []}}]
)
def test_a_kind_that_is_not_known_yet_is_still_a_message(fields: Json) -> None:
    assert event_of(message(fields)) == Other("unknown", 7)


@pytest.mark.parametrize(
    "note",
    [
        {"pinned_message": {"message_id": 1, "date": DATE, "chat": PRIVATE}},
        {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}},
        {"write_access_allowed": {}},
    ],
)
def test_notes_that_telegram_itself_writes_are_no_event(note: Json) -> None:
    assert event_of(message(note)) is None


# -- presses -----------------------------------------------------------------------------------------------------------


def press(data: str | None, *, where: Json | None = PRIVATE, sender: Json = FANG, **more: Any) -> Json:
    shown = {"message": {"message_id": 9, "date": DATE, "chat": where, "from": BOT, "text": "?"}} if where else {}
    words = {} if data is None else {"data": data}
    return {
        "update_id": 1,
        "callback_query": {"id": "q", "from": sender, "chat_instance": "1", **shown, **words, **more},
    }


def test_a_press_says_which_button_of_which_revision() -> None:
    assert event_of(press(encode(40, "choose", "single"))) == Press("choose", "single", 40, 9, "q")


def test_a_press_on_a_message_that_telegram_forgot_is_still_one() -> None:
    update = press("1.go")
    update["callback_query"]["message"] = {"message_id": 9, "date": 0, "chat": PRIVATE}
    assert event_of(update) == Press("go", "", 1, 9, "q")


def test_a_link_leads_where_a_deep_link_would() -> None:
    assert event_of(press(encode_link("plan_HD2603"))) == Follow("plan_HD2603", 9, "q")


@pytest.mark.parametrize("data", ["", "x", "1.go.a.b", "'; DROP TABLE people; --", "~.", "长" * 60, None])
def test_data_that_we_never_wrote_press_no_button(data: str | None) -> None:
    assert event_of(press(data)) == Press("", "", -1, 9, "q")


def test_a_press_without_a_message_is_answered_all_the_same() -> None:
    assert event_of(press("1.go", where=None, inline_message_id="i")) == Press("go", "", 1, 0, "q")


@pytest.mark.parametrize("update", [press("1.go", where=GROUP), press("1.go", sender=BOT)])
def test_presses_elsewhere_are_none_of_ours(update: Json) -> None:
    assert event_of(update) is None


# -- who blocks, and who is not talked to ------------------------------------------------------------------------------


def member(status: str, chat: Json = PRIVATE) -> Json:
    until = {"until_date": 0} if status == "kicked" else {}
    old, new = {"user": BOT, "status": "member"}, {"user": BOT, "status": status, **until}
    change = {"chat": chat, "from": FANG, "date": DATE, "old_chat_member": old, "new_chat_member": new}
    return {"update_id": 1, "my_chat_member": change}


def test_who_blocks_the_bot_and_who_comes_back() -> None:
    assert event_of(member("kicked")) == Membership(blocked=True)
    assert event_of(member("member")) == Membership(blocked=False)
    assert event_of(member("kicked", GROUP)) is None


@pytest.mark.parametrize(
    "update",
    [
        message({"text": "/start"}, chat=GROUP),
        message({"text": "/start"}, chat={**GROUP, "type": "group"}),
        message({"text": "/start"}, chat=GROUP, sender={"id": 1087968824, "is_bot": True, "first_name": "Group"}),
        message({"text": "a", "sender_chat": GROUP}, chat=GROUP, sender=None),
        message({"text": "a", "sender_chat": CHANNEL}, chat=CHANNEL, sender=None, kind="channel_post"),
        message({"text": "a"}, sender=BOT),
        message({"text": "a"}, sender=None),
        message({"text": "a", "business_connection_id": "b"}, kind="business_message"),
        message({"text": "a"}, chat=GROUP, kind="edited_message"),
        {"update_id": 1, "inline_query": {"id": "1", "from": FANG, "query": "a", "offset": ""}},
        {"update_id": 1, "poll": POLL},
        {"update_id": 1, "a_kind_from_the_future": {"a": 1}},
        {"update_id": 1},
    ],
)
def test_groups_channels_bots_and_unknown_kinds_are_none_of_ours(update: Json) -> None:
    assert translate(update) is None


# -- the lane ----------------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
PARTS = st.dictionaries(st.sampled_from(["from", "chat", "message_id"]), JSON | st.fixed_dictionaries({"id": JSON}))


@given(st.dictionaries(st.sampled_from([*ALLOWED, "update_id", "other"]), JSON | PARTS))
def test_the_lane_of_an_update_is_a_number_that_can_be_kept_whatever_was_sent(update: Json) -> None:
    assert abs(chat_of(update)) < LARGEST_ID
