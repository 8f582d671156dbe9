"""Sign-up and login: consent, phone, captcha, code, and all that limits them."""

from __future__ import annotations

import pytest

from flows.applicant import onboarding
from flows.applicant.onboarding import CODE_LIFE, CODES_AGAIN_AFTER, CODES_PER_DAY, CODES_PER_HOUR, WRONG_PER_DAY
from flows.effects import DeleteMessage, Say, SendSms, Show
from flows.model import DAY, HOUR, MINUTE, SECOND
from tests.flows.stage import Chat, Stage
from tests.flows.town import PHONE

OTHER_PHONES = tuple(f"+861390013900{number}" for number in range(8))


@pytest.fixture
def asked(chat: Chat) -> Chat:
    """At the question for a phone number."""
    chat.commands("me")
    chat.taps("agree")
    assert chat.at == "sign_up/ask_phone"
    return chat


@pytest.fixture
def coded(asked: Chat) -> Chat:
    """A code is on its way."""
    asked.shares()
    assert asked.at == "sign_up/ask_code"
    return asked


def code_of(chat: Chat) -> str:
    return chat.last(SendSms).code


def wrong_code(chat: Chat) -> str:
    return f"{(int(code_of(chat)) + 1) % 1_000_000:06}"


def codes_sent(stage: Stage) -> int:
    return sum(isinstance(job, SendSms) for _, job in stage.jobs)


def reads_captcha(chat: Chat) -> None:
    assert chat.screen is not None
    chat.says(chat.screen.captcha)


# --- consent ---------------------------------------------------------------------------------------------------------


def test_somebody_reads_about_privacy_first_and_comes_back_to_the_consent(chat: Chat) -> None:
    chat.commands("me")
    chat.taps("details")
    assert chat.at == "privacy/statement"
    chat.taps("back")
    assert chat.at == "sign_up/consent"


def test_somebody_does_not_consent_and_is_back_where_they_were(chat: Chat) -> None:
    chat.opens_plan()
    chat.taps("register")
    assert chat.at == "sign_up/consent"
    chat.taps("back")
    assert chat.at == "plans/plan"


def test_who_has_consented_is_not_asked_again(asked: Chat) -> None:
    asked.says("返回")
    assert asked.at == "home/menu"
    asked.commands("me")
    assert asked.at == "sign_up/ask_phone"


# --- the phone number ------------------------------------------------------------------------------------------------


def test_an_own_contact_gets_a_code_at_once(asked: Chat) -> None:
    reaction = asked.shares(PHONE)
    job = reaction.one(SendSms)
    assert (job.phone, len(job.code), job.code.isdecimal()) == (PHONE, 6, True)
    assert asked.at == "sign_up/ask_code"
    assert reaction.one(Show).values == {"phone": PHONE, "sms": "sending"}


def test_a_contact_that_is_not_ones_own_or_was_forwarded_is_refused(stage: Stage, asked: Chat) -> None:
    assert asked.shares(PHONE, own=False).error == "contact_not_own"
    assert (asked.at, codes_sent(stage)) == ("sign_up/ask_phone", 0)


@pytest.mark.parametrize("phone", ["+4915112345678", "+13800138000", "+85261234567", ""])
def test_an_own_contact_from_abroad_is_refused(asked: Chat, phone: str) -> None:
    assert asked.shares(phone).error == "contact_abroad"


@pytest.mark.parametrize(
    "text", ["13800138000", "138 0013 8000", "１３８００１３８０００", "+86 138-0013-8000", "008613800138000"]
)
def test_a_typed_number_must_pass_the_captcha(stage: Stage, asked: Chat, text: str) -> None:
    asked.says(text)
    assert (asked.at, codes_sent(stage)) == ("sign_up/captcha", 0)
    reads_captcha(asked)
    assert asked.at == "sign_up/ask_code"
    assert asked.last(SendSms).phone == PHONE
    assert "captcha" not in asked.data


@pytest.mark.parametrize("text", ["1380013800", "23800138000", "固定电话 010-12345678", "", "返"])
def test_what_is_no_number_is_refused(asked: Chat, text: str) -> None:
    assert asked.says(text).error == "not_a_phone"
    assert asked.at == "sign_up/ask_phone"


def test_somebody_types_back_in_place_of_a_number_and_leaves(asked: Chat) -> None:
    asked.says("返回")
    assert asked.at == "home/menu"


def test_somebody_misreads_the_captcha_and_gets_another(stage: Stage, asked: Chat) -> None:
    asked.says(PHONE)
    assert asked.screen is not None
    first = asked.screen.captcha
    assert asked.says("0000").error == "captcha_wrong"
    assert asked.screen.captcha != first
    assert asked.says(first).error == "captcha_wrong"
    assert codes_sent(stage) == 0


def test_the_captcha_is_read_in_any_digits(stage: Stage, asked: Chat) -> None:
    stage.chance.coming.append("0258")
    asked.says(PHONE)
    asked.says("０２ 5٨")
    assert asked.at == "sign_up/ask_code"


def test_somebody_wants_another_picture_or_goes_back(asked: Chat) -> None:
    asked.says(PHONE)
    assert asked.screen is not None
    first = asked.screen.captcha
    asked.taps("another")
    assert asked.screen.captcha != first
    asked.taps("back")
    assert asked.at == "sign_up/ask_phone"


def test_a_third_own_contact_on_one_day_must_pass_the_captcha_too(stage: Stage, coded: Chat) -> None:
    coded.taps("other_phone")
    coded.shares(OTHER_PHONES[0])
    assert coded.at == "sign_up/ask_code"
    coded.taps("other_phone")
    coded.shares(OTHER_PHONES[1])
    assert coded.at == "sign_up/captcha"
    stage.now += DAY
    coded.taps("back")
    coded.shares(OTHER_PHONES[1])
    assert coded.at == "sign_up/ask_code"


# --- sending again ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "pause"),
    [
        ((), CODES_AGAIN_AFTER[0]),
        ((MINUTE,), CODES_AGAIN_AFTER[1]),
        ((MINUTE, 2 * MINUTE), CODES_AGAIN_AFTER[2]),
        ((20 * MINUTE, 20 * MINUTE, 20 * MINUTE), CODES_AGAIN_AFTER[3]),
    ],
)
def test_a_code_again_waits_longer_each_time(stage: Stage, coded: Chat, before: tuple[int, ...], pause: int) -> None:
    for wait in before:
        stage.now += wait
        coded.taps("resend")
    sent = codes_sent(stage)
    stage.now += pause - 1
    reaction = coded.taps("resend")
    assert (reaction.error, reaction.toast) == ("resend_wait", "resend_wait")
    assert reaction.one(Show).error == ("resend_wait", {"seconds": 1})
    assert codes_sent(stage) == sent
    stage.now += 1
    assert coded.taps("resend").error == ""
    assert codes_sent(stage) == sent + 1


def test_only_the_newest_code_counts(stage: Stage, coded: Chat) -> None:
    first = code_of(coded)
    stage.now += MINUTE
    coded.taps("resend")
    assert coded.says(first).error == "code_wrong"
    coded.says(code_of(coded))
    assert coded.at == "sign_up/verified"


def test_who_names_the_same_number_again_too_early_is_back_at_its_code_without_another(
    stage: Stage, coded: Chat
) -> None:
    coded.taps("other_phone")
    coded.shares(PHONE)
    assert (coded.at, codes_sent(stage)) == ("sign_up/ask_code", 1)
    coded.taps("other_phone")
    coded.says(PHONE)
    assert (coded.at, codes_sent(stage)) == ("sign_up/ask_code", 1)
    coded.says(code_of(coded))
    assert coded.at == "sign_up/verified"


def test_who_names_a_number_that_somebody_else_just_named_must_wait(stage: Stage, coded: Chat) -> None:
    other = stage.chat(2)
    other.commands("me")
    other.taps("agree")
    assert other.shares(PHONE).error == "resend_wait"
    assert other.says(PHONE).error == "resend_wait"
    assert other.at == "sign_up/ask_phone"
    stage.now += MINUTE
    other.shares(PHONE)
    assert other.at == "sign_up/ask_code"


def test_a_number_whose_pause_begins_while_the_captcha_is_read_must_wait(stage: Stage, asked: Chat) -> None:
    asked.says(PHONE)
    other = stage.chat(2)
    other.commands("me")
    other.taps("agree")
    other.shares(PHONE)
    assert asked.screen is not None
    first = asked.screen.captcha
    assert asked.says(first).error == "resend_wait"
    assert asked.at == "sign_up/captcha"
    assert asked.screen.captcha != first


# --- limits ----------------------------------------------------------------------------------------------------------


def test_a_number_has_four_codes_an_hour(stage: Stage, coded: Chat) -> None:
    for pause in CODES_AGAIN_AFTER[: CODES_PER_HOUR - 1]:
        stage.now += pause
        coded.taps("resend")
    stage.now += CODES_AGAIN_AFTER[-1]
    assert coded.taps("resend").error == "codes_this_hour"
    coded.taps("other_phone")
    assert coded.says(PHONE).error == "codes_this_hour"
    assert codes_sent(stage) == CODES_PER_HOUR


def test_a_number_has_five_codes_a_day(stage: Stage, coded: Chat) -> None:
    for _ in range(CODES_PER_DAY - 1):
        stage.now += HOUR
        coded.taps("resend")
    stage.now += HOUR
    assert coded.taps("resend").error == "codes_today"
    stage.now += DAY - CODES_PER_DAY * HOUR
    assert coded.taps("resend").error == ""


def test_a_chat_has_three_numbers_a_day(stage: Stage, coded: Chat) -> None:
    for phone in OTHER_PHONES[:2]:
        coded.taps("other_phone")
        coded.says(phone)
        reads_captcha(coded)
    coded.taps("other_phone")
    assert coded.says(OTHER_PHONES[2]).error == "codes_today"
    stage.now += MINUTE
    coded.says(PHONE)
    reads_captcha(coded)
    assert coded.at == "sign_up/ask_code"


def test_a_number_known_from_another_chat_is_one_more_all_the_same(stage: Stage, coded: Chat) -> None:
    other = stage.chat(2)
    other.commands("me")
    other.taps("agree")
    other.shares(OTHER_PHONES[2])
    stage.now += MINUTE
    for phone in OTHER_PHONES[:2]:
        coded.taps("other_phone")
        coded.says(phone)
        reads_captcha(coded)
    coded.taps("other_phone")
    assert coded.says(OTHER_PHONES[2]).error == "codes_today"


def test_a_chat_has_eight_codes_a_day(stage: Stage, coded: Chat) -> None:
    for _ in range(3):
        stage.now += HOUR
        coded.taps("resend")
    coded.taps("other_phone")
    coded.says(OTHER_PHONES[0])
    reads_captcha(coded)
    for _ in range(3):
        stage.now += HOUR
        coded.taps("resend")
    assert codes_sent(stage) == 8
    coded.taps("other_phone")
    assert coded.says(OTHER_PHONES[1]).error == "codes_today"


def test_all_codes_together_have_a_ceiling(stage: Stage, asked: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onboarding, "CODES_OF_ALL_PER_DAY", 1)
    asked.shares()
    other = stage.chat(2)
    other.commands("me")
    other.taps("agree")
    assert other.shares(OTHER_PHONES[0]).error == "codes_of_all"
    assert other.at == "sign_up/ask_phone"


# --- the code --------------------------------------------------------------------------------------------------------


def test_a_right_code_signs_up_and_is_deleted_from_the_chat(coded: Chat) -> None:
    reaction = coded.says(f" {code_of(coded)[:3]} {code_of(coded)[3:]} ")
    assert reaction.one(DeleteMessage).message_id > 0
    assert coded.at == "sign_up/verified"
    assert coded.person is not None
    assert (coded.person.phone, coded.person.is_verified) == (PHONE, False)


@pytest.mark.parametrize("text", ["12345", "1234567", "12345a", "好", ""])
def test_what_is_no_code_costs_no_try(stage: Stage, coded: Chat, text: str) -> None:
    assert coded.says(text).error == "code_format"
    assert stage.connection.execute("SELECT wrong FROM challenges").fetchall() == [(0,)]


def test_five_wrong_codes_end_it_also_for_the_right_one(coded: Chat) -> None:
    wrong = wrong_code(coded)
    errors = [coded.says(wrong).error for _ in range(5)]
    assert errors == ["code_wrong"] * 4 + ["code_over"]
    assert coded.says(code_of(coded)).error == "code_over"
    assert coded.person is None


def test_a_code_lives_five_minutes_from_when_it_was_sent(stage: Stage, coded: Chat) -> None:
    stage.now += 20 * SECOND
    coded.hears(coded.last(SendSms), status="sent")
    stage.now += CODE_LIFE
    assert coded.says(code_of(coded)).error == "code_over"


def test_a_code_is_right_to_the_last_millisecond(stage: Stage, coded: Chat) -> None:
    stage.now += 20 * SECOND
    coded.hears(coded.last(SendSms), status="unknown")
    stage.now += CODE_LIFE - 1
    coded.says(code_of(coded))
    assert coded.at == "sign_up/verified"


def test_ten_wrong_codes_a_day_end_it_for_the_number(stage: Stage, coded: Chat) -> None:
    for _ in range(WRONG_PER_DAY):
        if coded.says(wrong_code(coded)).error == "code_over":
            stage.now += HOUR
            last = coded.taps("resend")
    assert last.error == "codes_wrong_too_often"
    coded.taps("other_phone")
    assert coded.says(PHONE).error == "codes_wrong_too_often"
    stage.now += DAY
    assert coded.says(PHONE).error == ""


# --- what the gateway said -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["sent", "unknown", "unavailable"])
def test_what_became_of_the_sms_stands_on_the_screen(coded: Chat, status: str) -> None:
    reaction = coded.hears(coded.last(SendSms), status=status)
    assert reaction.one(Show).values == {"phone": PHONE, "sms": status}
    assert coded.at == "sign_up/ask_code"


@pytest.mark.parametrize("status", ["refused", "expired"])
def test_an_sms_that_never_went_out_leads_back_and_counts_for_nothing(stage: Stage, coded: Chat, status: str) -> None:
    assert coded.hears(coded.last(SendSms), status=status).error == f"sms_{status}"
    assert coded.at == "sign_up/ask_phone"
    coded.shares()
    assert (coded.at, codes_sent(stage)) == ("sign_up/ask_code", 2)


def test_the_result_of_an_earlier_sms_does_not_touch_the_newest(stage: Stage, coded: Chat) -> None:
    first = coded.last(SendSms)
    stage.now += MINUTE
    coded.taps("resend")
    assert coded.hears(first, status="refused").effects == ()
    coded.says(code_of(coded))
    assert coded.at == "sign_up/verified"


def test_the_result_of_an_sms_is_noted_while_a_page_beside_is_open(stage: Stage, coded: Chat) -> None:
    coded.commands("help")
    assert coded.hears(coded.last(SendSms), status="refused").effects == ()
    coded.taps("back")
    assert coded.taps("resend").error == ""
    assert codes_sent(stage) == 2


# --- who it is -------------------------------------------------------------------------------------------------------


def test_somebody_new_proves_the_name_later_and_reaches_their_data(coded: Chat) -> None:
    coded.says(code_of(coded))
    coded.taps("later")
    assert coded.at == "me/overview"
    coded.taps("real_name")
    assert coded.at == "real_name/ask_name"


def test_somebody_new_looks_beside_before_proving_the_name_and_comes_back_to_it(coded: Chat) -> None:
    coded.says(code_of(coded))
    coded.commands("help")
    coded.taps("back")
    assert coded.at == "sign_up/verified"
    coded.commands("language")
    coded.taps("choose_language", "en")
    assert coded.at == "sign_up/verified"


def test_a_known_phone_moves_its_account_here_and_tells_the_old_chat(stage: Stage, chat: Chat) -> None:
    chat.signs_up()
    stage.now += MINUTE
    other = stage.chat(2)
    other.commands("me")
    reaction = other.proves_phone()
    assert (other.at, reaction.notice) == ("me/overview", "signed_in")
    assert reaction.one(Say) == Say("moved_away", {"phone": "138****8000"}, chat_id=1)
    assert chat.person is None
    assert other.person is not None
    assert other.person.is_verified
    assert len(stage.connection.execute("SELECT id FROM people").fetchall()) == 1


def test_a_known_phone_without_a_proven_name_is_still_asked_for_it(stage: Stage, coded: Chat) -> None:
    coded.says(code_of(coded))
    stage.now += MINUTE
    other = stage.chat(2)
    other.commands("me")
    assert other.proves_phone().notice == ""
    assert other.at == "sign_up/verified"


def test_an_account_that_nobody_is_signed_in_to_moves_without_telling_anybody(stage: Stage, chat: Chat) -> None:
    chat.signs_up()
    stage.connection.execute("UPDATE people SET telegram_id = NULL")
    stage.now += HOUR
    other = stage.chat(3)
    other.commands("me")
    assert other.proves_phone().said == []
    assert other.person is not None


def test_results_without_an_event_of_theirs_are_a_mistake_that_is_named(coded: Chat) -> None:
    with pytest.raises(TypeError, match="no result"):
        onboarding._sms(coded.turn())
