"""Sign-up and login: consent, phone (own contact, or typed and a picture captcha), code by SMS.

Limits: 6 digits, five minutes, five tries a code and ten wrong ones a number and day (NIST 800-63B-4 asks for at most
100); codes again after 1, 2, 5 and 10 minutes, at most 4 an hour and 5 a day to one number, which stays below what SMS
providers allow; 3 numbers and 8 codes a day from one chat; a ceiling for the whole system, since each code costs money.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from flows.applicant.gate import closes, opens, was_left
from flows.effects import Button, DeleteMessage, Say, SendSms, Style
from flows.engine.fields import Invalid, Phone
from flows.engine.flow import (
    CONTACT_SHARED,
    OPENING,
    PASSED,
    RESUMED,
    TEXT_SENT,
    Flow,
    State,
    Transition,
    View,
    came,
)
from flows.engine.text import plain_digits
from flows.engine.turn import Message, Turn
from flows.events import Came, Contact, Text
from flows.model import DAY, HOUR, MINUTE, SECOND, Moment

CONSENT = "account"
CONSENT_VERSION = 1

CODE_LENGTH = 6
CODE_LIFE = 5 * MINUTE
CODES_AGAIN_AFTER = (1 * MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE)
CODES_PER_HOUR = 4
CODES_PER_DAY = 5
NUMBERS_PER_CHAT = 3
CODES_PER_CHAT = 8
WRONG_PER_DAY = 10
CODES_OF_ALL_PER_DAY = 50_000
CAPTCHA_FROM = 2  # codes of one chat within a day, after which an own contact is no longer trusted alone
CAPTCHA_LENGTH = 4
CAPTCHA_DIGITS = "02345689"  # 1 and 7 are taken for each other


def masked_phone(phone: str) -> str:
    """+8613800138000 as 138****8000."""
    return f"{phone[3:6]}****{phone[-4:]}"


def _has_agreed(turn: Turn) -> bool:
    return turn.repository.has_consent(turn.chat_id, CONSENT, CONSENT_VERSION)


def _agree(turn: Turn) -> None:
    turn.repository.add_consent(turn.chat_id, CONSENT, CONSENT_VERSION, turn.at)


# --- the phone number ------------------------------------------------------------------------------------------------


def _phone_sent(turn: Turn) -> str | Invalid:
    """The number that a contact or a text brings."""
    try:
        match turn.event:
            case Contact(is_own=False):
                return Invalid("contact_not_own")
            case Contact(phone=phone):
                number = phone if phone.startswith("+") else f"+{phone}"
                return Phone().parse(number, {})
            case Text(text=text):
                return Phone().parse(text, {})
    except Invalid as invalid:
        return Invalid("contact_abroad") if isinstance(turn.event, Contact) else invalid
    return Invalid("not_a_phone")


def _objection(turn: Turn, phone: str) -> Message | None:
    """Why no code may be sent to this number now."""
    repository, at = turn.repository, turn.at
    sent = repository.sms_times(phone, at - DAY)
    codes, numbers = repository.sms_phones(turn.chat_id, phone, at - DAY)
    if repository.wrong_codes(phone, at - DAY) >= WRONG_PER_DAY:
        return "codes_wrong_too_often", {}
    if len(sent) >= CODES_PER_DAY or codes >= CODES_PER_CHAT or numbers > NUMBERS_PER_CHAT:
        return "codes_today", {}
    if len([moment for moment in sent if moment > at - HOUR]) >= CODES_PER_HOUR:
        return "codes_this_hour", {}
    if repository.sms_total(at - DAY) >= CODES_OF_ALL_PER_DAY:
        return "codes_of_all", {}
    if sent and (seconds := _seconds_of_pause(sent, at)) > 0:
        return "resend_wait", {"seconds": seconds}
    return None


def _seconds_of_pause(sent: Sequence[Moment], at: Moment) -> int:
    """Until the next code to a number that was sent codes at these moments."""
    pause = CODES_AGAIN_AFTER[min(len(sent), len(CODES_AGAIN_AFTER)) - 1]
    return -(-(max(sent) + pause - at) // SECOND)


def _names_number_of_code(turn: Turn) -> bool:
    """The number that this chat's last code went to, and too early for another: that one is still the one to type."""
    phone = _phone_sent(turn)
    if not isinstance(phone, str) or phone != turn.data.get("phone") or "challenge" not in turn.data:
        return False
    objection = _objection(turn, phone)
    return objection is not None and objection[0] == "resend_wait"


def _may_have_code(turn: Turn) -> bool:
    phone = _phone_sent(turn)
    return isinstance(phone, str) and _objection(turn, phone) is None


def _is_trusted(turn: Turn) -> bool:
    codes, _ = turn.repository.sms_phones(turn.chat_id, str(_phone_sent(turn)), turn.at - DAY)
    return isinstance(turn.event, Contact) and codes < CAPTCHA_FROM


def _remember_phone(turn: Turn) -> None:
    turn.data["phone"] = str(_phone_sent(turn))


def _complain_of_phone(turn: Turn) -> None:
    phone = _phone_sent(turn)
    if isinstance(phone, Invalid):
        turn.error(phone.key, **phone.values_)
        return
    key, values = _objection(turn, phone) or ("not_a_phone", {})
    turn.error(key, **values)


def _says_back(turn: Turn) -> bool:
    return turn.text == turn.words.button("back")


# --- captcha and code ------------------------------------------------------------------------------------------------


def _draw_captcha(turn: Turn) -> None:
    turn.data["captcha"] = turn.chance.letters(CAPTCHA_LENGTH, CAPTCHA_DIGITS)


def _reads_captcha(turn: Turn) -> bool:
    return plain_digits(turn.text) == turn.data.get("captcha")


def _complain_of_captcha(turn: Turn) -> None:
    turn.error("captcha_wrong")
    _draw_captcha(turn)


def _may_send_now(turn: Turn) -> bool:
    return _objection(turn, turn.data["phone"]) is None


def _send_code(turn: Turn) -> None:
    """Only from here does an SMS go out. From now on this code is the one to type, even if an earlier one is late."""
    phone, code = turn.data["phone"], turn.chance.digits(CODE_LENGTH)
    challenge = turn.repository.add_challenge(turn.chat_id, phone, code, turn.at, turn.at + CODE_LIFE)
    turn.data.update(challenge=str(challenge), sms="sending")
    turn.data.pop("captcha", None)
    turn.do(SendSms(phone, code, challenge))


def _refuse_resend(turn: Turn) -> None:
    key, values = _objection(turn, turn.data["phone"]) or ("resend_wait", {"seconds": 1})
    turn.error(key, **values)
    if key == "resend_wait":
        turn.pop_up("resend_wait", seconds=values["seconds"])


def _code_typed(turn: Turn) -> str:
    return plain_digits(turn.text)


def _looks_like_code(turn: Turn) -> bool:
    return re.fullmatch(rf"[0-9]{{{CODE_LENGTH}}}", _code_typed(turn)) is not None


def _try_code(turn: Turn) -> None:
    turn.memo["verdict"] = turn.repository.try_code(int(turn.data["challenge"]), _code_typed(turn), turn.at)
    _delete_typed(turn)


def _delete_typed(turn: Turn) -> None:
    if isinstance(turn.event, Text):
        turn.do(DeleteMessage(turn.event.message_id))


def _is_right(turn: Turn) -> bool:
    return bool(turn.memo["verdict"] == "right")


def _complain_of_code(turn: Turn) -> None:
    if "verdict" not in turn.memo:
        turn.error("code_format")
    elif turn.memo["verdict"] == "wrong":
        turn.error("code_wrong")
    else:
        turn.error("code_over")


def _is_known_and_verified(turn: Turn) -> bool:
    return turn.person is not None and turn.person.is_verified


def _has_left_real_name(turn: Turn) -> bool:
    """Not a page beside it, such as help: after that the question stands as before."""
    return was_left(turn) and turn.ended == "real_name"


def _sign_in(turn: Turn) -> None:
    """The proven phone belongs to an account, which moves to this chat, or makes a new one."""
    phone = turn.data["phone"]
    known = turn.repository.person_by_phone(phone)
    if known is None:
        turn.repository.add_person(turn.chat_id, phone, turn.at)
    elif known.telegram_id != turn.chat_id:
        turn.repository.move_person(known.id, turn.chat_id)
        if known.telegram_id is not None:
            turn.do(Say("moved_away", {"phone": masked_phone(phone)}, chat_id=known.telegram_id))
    turn.forget_person()
    turn.data.clear()


def _welcome_back(turn: Turn) -> None:
    turn.notice("signed_in")


# --- what the SMS gateway said ---------------------------------------------------------------------------------------


def _sms(turn: Turn) -> tuple[int, str]:
    event = turn.event
    if not isinstance(event, Came):
        raise TypeError("no result came with this event")
    return int(event.about["challenge"]), event.outcome["status"]


def _note_sms(turn: Turn) -> None:
    """``sent`` and ``unknown`` (a timeout: it may have arrived) start the five minutes; the others sent nothing."""
    challenge, status = _sms(turn)
    if status in {"sent", "unknown"}:
        turn.repository.extend_challenge(challenge, turn.at + CODE_LIFE)
    elif status in {"refused", "expired"}:
        turn.repository.withdraw_challenge(challenge)


def _is_mine(turn: Turn) -> bool:
    return turn.data.get("challenge") == str(_sms(turn)[0])


def _is_hopeless(turn: Turn) -> bool:
    return _sms(turn)[1] in {"refused", "expired"}


def _remember_sms(turn: Turn) -> None:
    turn.data["sms"] = _sms(turn)[1]


def _complain_of_sms(turn: Turn) -> None:
    turn.error(f"sms_{_sms(turn)[1]}")


# --- screens ---------------------------------------------------------------------------------------------------------


def _view_consent(_: Turn) -> View:
    return View(rows=((Button("agree", style=Style.PRIMARY),), (Button("details"), Button("back"))))


def _view_ask_phone(_: Turn) -> View:
    return View(ask_contact=True)


def _view_captcha(turn: Turn) -> View:
    return View(rows=((Button("another"), Button("back")),), captcha=turn.data["captcha"])


def _view_ask_code(turn: Turn) -> View:
    values = {"phone": turn.data["phone"], "sms": turn.data["sms"]}
    return View(values, ((Button("resend"), Button("other_phone")),))


def _view_verified(_: Turn) -> View:
    return View(rows=((Button("real_name", style=Style.PRIMARY),), (Button("later"),)))


SIGN_UP = Flow(
    "sign_up",
    1,
    [
        State("consent", _view_consent),
        State("ask_phone", _view_ask_phone),
        State("captcha", _view_captcha),
        State("ask_code", _view_ask_code),
        State("code_checked"),
        State("signed_in"),
        State("verified", _view_verified),
    ],
    [
        Transition(OPENING, PASSED, "ask_phone", when=[_has_agreed]),
        Transition(OPENING, PASSED, "consent"),
        Transition("consent", "agree", "ask_phone", do=[_agree]),
        Transition("consent", "details", None, do=[opens("privacy")]),
        Transition("consent", RESUMED, None),
        Transition("consent", "back", None, do=[closes()]),
        Transition("ask_phone", CONTACT_SHARED, "ask_code", when=[_names_number_of_code]),
        Transition("ask_phone", TEXT_SENT, "ask_code", when=[_names_number_of_code]),
        Transition(
            "ask_phone",
            CONTACT_SHARED,
            "ask_code",
            when=[_may_have_code, _is_trusted],
            do=[_remember_phone, _send_code],
        ),
        Transition("ask_phone", CONTACT_SHARED, "captcha", when=[_may_have_code], do=[_remember_phone, _draw_captcha]),
        Transition("ask_phone", CONTACT_SHARED, None, do=[_complain_of_phone]),
        Transition("ask_phone", TEXT_SENT, None, when=[_says_back], do=[closes()]),
        Transition("ask_phone", TEXT_SENT, "captcha", when=[_may_have_code], do=[_remember_phone, _draw_captcha]),
        Transition("ask_phone", TEXT_SENT, None, do=[_complain_of_phone]),
        Transition("captcha", TEXT_SENT, "ask_code", when=[_reads_captcha, _may_send_now], do=[_send_code]),
        Transition("captcha", TEXT_SENT, None, when=[_reads_captcha], do=[_draw_captcha, _refuse_resend]),
        Transition("captcha", TEXT_SENT, None, do=[_complain_of_captcha]),
        Transition("captcha", "another", None, do=[_draw_captcha]),
        Transition("captcha", "back", "ask_phone"),
        Transition("ask_code", TEXT_SENT, "code_checked", when=[_looks_like_code], do=[_try_code]),
        Transition("ask_code", TEXT_SENT, None, do=[_complain_of_code]),
        Transition("ask_code", "resend", None, when=[_may_send_now], do=[_send_code]),
        Transition("ask_code", "resend", None, do=[_refuse_resend]),
        Transition("ask_code", "other_phone", "ask_phone"),
        Transition("ask_code", came("sms"), "ask_phone", when=[_is_mine, _is_hopeless], do=[_complain_of_sms]),
        Transition("ask_code", came("sms"), None, when=[_is_mine], do=[_remember_sms]),
        Transition("code_checked", PASSED, "signed_in", when=[_is_right], do=[_sign_in]),
        Transition("code_checked", PASSED, "ask_code", do=[_complain_of_code]),
        Transition("signed_in", PASSED, None, when=[_is_known_and_verified], do=[_welcome_back, closes("done")]),
        Transition("signed_in", PASSED, "verified"),
        Transition("verified", "real_name", None, do=[opens("real_name")]),
        Transition("verified", RESUMED, None, when=[_has_left_real_name], do=[closes()]),
        Transition("verified", RESUMED, None, when=[_is_known_and_verified], do=[closes("done")]),
        Transition("verified", "later", None, do=[closes()]),
    ],
    background={"sms": _note_sms},
)
