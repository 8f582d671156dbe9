"""Sign-up and login: consent, phone, captcha, code, and whose account it is."""

from __future__ import annotations

import pytest

from flows.applicant import onboarding
from flows.applicant.onboarding import CODE_LIFE, WRONG_PER_DAY
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
