"""Codes by SMS: how often, to how many numbers, and what became of them."""

from __future__ import annotations

import pytest

from flows.applicant import onboarding
from flows.applicant.onboarding import CODES_AGAIN_AFTER, CODES_PER_DAY, CODES_PER_HOUR
from flows.effects import SendSms, Show
from flows.model import DAY, HOUR, MINUTE
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


def codes_sent(stage: Stage) -> int:
    return sum(isinstance(job, SendSms) for _, job in stage.jobs)


def reads_captcha(chat: Chat) -> None:
    assert chat.screen is not None
    chat.says(chat.screen.captcha)


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
