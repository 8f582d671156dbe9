"""Whatever people may do, as hypothesis strategies: right answers, nonsense, and malice."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hypothesis import strategies as st

from flows.book import BOOK
from flows.engine.form import MOST_BYTES
from flows.engine.text import clean
from flows.events import Command, Contact, Edited, File, Follow, Membership, Other
from flows.model import DAY, HOUR, MINUTE, SECOND, Plan
from flows.staff.model import SYSTEM, Role
from tests.flows.stage import Chat
from tests.flows.town import ANSWERS, CLOSED, ID_NUMBER, NAME, OPEN, PHONE, UPCOMING

CHATS = (1, 2)
PHONES = (PHONE, "+8613900139000")
NAMES = (NAME, "买买提·吐尔逊", "𬀩䶮")
ID_NUMBERS = (ID_NUMBER, "11010119900307790X")
LONGEST_TEXT = 4096

WAITS_FOR_JOBS = ("real_name/checking", "application/awaiting_pictures")
WAYS_OUT = (  # the first of these that stands on a screen leads, in the end, home
    *("home", "back", "later", "keep", "contents", "section_done", "other_phone", "previous", "cancel", "page", "help"),
    *("language", "privacy", "other_language", "items_done", "keep_item"),
)

_NASTY = (
    *("", " ", "\u3000", "返回", "/start", "０", "٣٤", "²", "Ⅷ", "㋀", "㈠", "𝟙𝟚", "1e5", "-1", "9" * 400, "王" * 5000),
    *("%s", "{{ 7*7 }}", "<b>", "'; DROP TABLE people; --", "a\u0301" * 50, "👨‍👩‍👧‍👦", "\u202egnp.exe", "ﷺ", "ﬃ", "İ"),
    *("2024-02-30", "二〇二四年", "0000-00-00", "9999年99月99日", "1万", "8.5万", "0.00001", "138001380001", "123456"),
)
texts = st.one_of(st.sampled_from(_NASTY), st.text(max_size=40)).map(lambda text: clean(text)[:LONGEST_TEXT])

_BUTTONS = sorted({trigger for flow in BOOK.flows.values() for state in flow.accepts.values() for trigger in state})
buttons = st.one_of(st.sampled_from([*_BUTTONS, "", "nothing"]), st.text(max_size=8))
arguments = st.sampled_from(
    [
        *("", "0", "1", "2", "-1", "99999999999999999999", "zh", "en", "xx", "../..", "single", "haidian"),
        *("basics", "work", "documents", "marital", "employer", "id_front", OPEN.code, CLOSED.code, UPCOMING.code),
        "HD2603-AAAA-AAAA",
    ]
)

_links = st.sampled_from(
    ["", f"plan_{OPEN.code}", f"plan_{UPCOMING.code}", "plan_", "plan_NOWHERE", "check_1", "\U0001f4a3"]
)
ways_elsewhere = st.one_of(
    st.builds(Command, st.sampled_from([*BOOK.commands, "nothing", ""]), _links),
    st.builds(Follow, _links, st.just(4), st.just("follow")),
)
contacts = st.builds(Contact, st.sampled_from([*PHONES, "+4915112345678", "", "x"]), st.booleans())
files = st.builds(
    lambda name, size, group: File(name, name, as_document=False, size=size, group=group),
    st.sampled_from("abcdefg"),
    st.sampled_from([0, 200_000, MOST_BYTES, MOST_BYTES + 1]),
    st.sampled_from(["", "album"]),
)
other_things = st.sampled_from([Edited(3), Other("sticker"), Membership(blocked=True), Membership(blocked=False)])

pauses = st.sampled_from([SECOND, 61 * SECOND, 6 * MINUTE, HOUR, DAY, 6 * DAY])
numbers = st.one_of(st.integers(0, 20), st.just(2**62))  # of rows that there are, or are not

OUTCOMES = {  # the first of each is the good one
    "sms": [{"status": status} for status in ("sent", "unknown", "unavailable", "refused", "expired")],
    "identity": [{"status": status} for status in ("match", "mismatch", "unavailable", "given_up")],
    "picture": [{"file": "f" * 32}, {"reason": "broken"}, {"reason": "too_small"}],
    "record": [{}, {"status": "given_up"}],
}
ABOUT = {"sms": "challenge", "identity": "check", "picture": "picture", "record": "number"}


def _fills_in(chat: Chat, plan: Plan = OPEN) -> None:
    chat.signs_up()
    chat.opens_plan(plan)
    chat.taps("fill_in")


def _reviews(chat: Chat) -> None:
    _fills_in(chat)
    chat.fills_in()


def _awaits_pictures(chat: Chat) -> None:
    _reviews(chat)
    chat.taps("change", "documents")
    chat.taps("question", "id_front")
    chat.sends_file("late")
    chat.taps("done")
    chat.taps("submit")


def _checks(chat: Chat) -> None:
    chat.opens_plan()
    chat.taps("register")
    chat.proves_phone()
    chat.taps("real_name")
    chat.says(NAME)
    chat.says(ID_NUMBER)
    chat.taps("confirm")


def _has_submitted(chat: Chat) -> None:
    chat.signs_up()
    chat.submits()


def _confirms(chat: Chat) -> None:
    _has_submitted(chat)
    chat.taps("register")


def _is_registered(chat: Chat) -> None:
    _confirms(chat)
    chat.taps("confirm")


def _is_too_early(chat: Chat) -> None:
    chat.signs_up()
    chat.opens_plan(UPCOMING)
    chat.taps("register")


def _works_here(chat: Chat) -> None:
    chat.stage.repository.add_staff(chat.chat_id, Role.ADMIN, NAME, SYSTEM, chat.stage.now)
    chat.commands("staff")


def _fills_in_another(chat: Chat) -> None:
    _has_submitted(chat)
    chat.opens_plan(UPCOMING)
    chat.taps("fill_in")


# How far somebody is when a sequence begins, so that what lies behind is played often, too.
STRETCHES: Mapping[str, Callable[[Chat], object]] = {
    "new": lambda chat: chat.commands("start"),
    "signed up": lambda chat: chat.signs_up(),
    "waiting for the identity service": _checks,
    "at the form": _fills_in,
    "reviewing": _reviews,
    "waiting for pictures": _awaits_pictures,
    "submitted": _has_submitted,
    "at the form of another plan": _fills_in_another,
    "confirming": _confirms,
    "registered": _is_registered,
    "too early": _is_too_early,
    "at the desk": _works_here,
}


def right_words(chat: Chat, chosen: int) -> str:
    """What somebody who means it would type here."""
    match chat.at.partition("/"):
        case "sign_up", _, "ask_phone":
            return PHONES[chosen % len(PHONES)]
        case "sign_up", _, "captcha":
            return chat.data["captcha"]
        case "sign_up", _, "ask_code":
            return chat.codes[chat.data["challenge"]]
        case "real_name", _, "ask_name":
            return NAMES[chosen % len(NAMES)]
        case "real_name", _, "ask_id_number":
            return ID_NUMBERS[chosen % len(ID_NUMBERS)]
        case "application", _, state if state.removeprefix("ask_") in ANSWERS:
            return ANSWERS[state.removeprefix("ask_")][0]
    return ""
