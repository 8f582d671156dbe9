"""What we rely on in python-telegram-bot 22.8; a red test here means: read bot/telegram/client.py again."""

import datetime as dt
from typing import Any

import orjson
import pytest
import telegram
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, InputMediaPhoto, Update
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.request import BaseRequest, RequestData
from telegram.request._requestparameter import RequestParameter

import bot.telegram.pacing  # noqa: F401 - sets PTB_TIMEDELTA


class Fake(BaseRequest):
    """A transport that gives one answer and keeps what it was asked."""

    def __init__(self, status: int = 200, answer: object = None, error: Exception | None = None) -> None:
        self.status, self.answer, self.error = status, orjson.dumps(answer), error
        self.asked: list[tuple[str, str, RequestData | None]] = []

    @property
    def read_timeout(self) -> float:
        return 1

    async def initialize(self) -> None:
        return None

    async def shutdown(self) -> None:
        return None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = None,
        write_timeout: object = None,
        connect_timeout: object = None,
        pool_timeout: object = None,
    ) -> tuple[int, bytes]:
        self.asked.append((url, method, request_data))
        if self.error is not None:
            raise self.error
        return self.status, self.answer


def test_the_version_is_the_one_that_was_read() -> None:
    assert telegram.__version__ == "22.8"


@pytest.mark.parametrize(
    ("status", "parameters", "error"),
    [
        (400, None, BadRequest),
        (401, None, InvalidToken),
        (403, None, Forbidden),
        (404, None, InvalidToken),
        (409, None, Conflict),
        (429, {"retry_after": 7}, RetryAfter),
        (400, {"migrate_to_chat_id": -5}, ChatMigrated),
        (429, None, NetworkError),
        (500, None, NetworkError),
        (502, None, NetworkError),
    ],
)
async def test_post_makes_an_error_of_every_refusal(
    status: int, parameters: dict[str, int] | None, error: type[TelegramError]
) -> None:
    body = {"ok": False, "description": "what Telegram says"} | ({"parameters": parameters} if parameters else {})
    with pytest.raises(TelegramError) as caught:
        await Fake(status, body).post("http://h/")
    assert type(caught.value) is error
    if parameters is None:
        assert caught.value.message == "what Telegram says"


async def test_post_returns_the_result_alone() -> None:
    fake = Fake(200, {"ok": True, "result": [{"a": 1}]})
    assert await fake.post("http://h/x") == [{"a": 1}]
    assert fake.asked == [("http://h/x", "POST", None)]


async def test_errors_of_the_transport_pass_and_others_are_wrapped() -> None:
    with pytest.raises(TimedOut):
        await Fake(error=TimedOut()).post("http://h/")
    with pytest.raises(NetworkError, match="Unknown error in HTTP implementation"):
        await Fake(error=OSError("x")).post("http://h/")


def test_some_network_errors_are_really_refusals() -> None:
    # Whoever catches NetworkError to try again must look at these first.
    assert issubclass(BadRequest, NetworkError)
    assert issubclass(TimedOut, NetworkError)
    assert not issubclass(RetryAfter, NetworkError)
    assert not issubclass(Forbidden, NetworkError)


def test_retry_after_is_a_timedelta() -> None:
    assert RetryAfter(7).retry_after == dt.timedelta(seconds=7)
    assert RetryAfter(dt.timedelta(seconds=0.5)).retry_after == dt.timedelta(seconds=0.5)


def test_request_data_is_made_of_parameters_and_files() -> None:
    file = InputFile(b"abc", filename="登记.pdf")
    file.mimetype = "application/x-own"
    data = RequestData(
        [
            RequestParameter("chat_id", 5, None),
            RequestParameter("left_out", None, None),
            RequestParameter("reply_markup", {"inline_keyboard": []}, None),
            RequestParameter("document", None, [file]),
        ]
    )
    assert data.parameters == {"chat_id": 5, "reply_markup": {"inline_keyboard": []}}
    assert data.contains_files
    assert data.multipart_data == {"document": ("登记.pdf", b"abc", "application/x-own")}
    assert not RequestData([]).contains_files


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (InlineKeyboardMarkup([[InlineKeyboardButton("a", callback_data="b")]]), None),
        (dt.timedelta(seconds=5), 5),
        (dt.datetime(2026, 11, 24, tzinfo=dt.UTC), 1_795_478_400),
        (telegram.constants.ParseMode.HTML, "HTML"),
        (telegram.LinkPreviewOptions(is_disabled=True), {"is_disabled": True}),
        ([InputMediaPhoto("id")], [{"type": "photo", "media": "id"}]),
        ((1, 2), [1, 2]),
    ],
)
def test_the_typed_clients_parameters_are_json(value: object, expected: object) -> None:
    written = orjson.loads(orjson.dumps(RequestParameter.from_input("x", value).value))
    assert written == (expected or {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]})


def test_an_update_of_a_kind_from_the_future_is_read() -> None:
    raw: dict[str, Any] = {
        "update_id": 1,
        "hologram": {"depth": 3},
        "message": {
            "message_id": 2,
            "date": 1_700_000_000,
            "chat": {"id": 5, "type": "private", "mood": "fine"},
            "text": "好",
            "scent": {"name": "jasmine"},
        },
    }
    update = Update.de_json(raw, None)
    assert update.message is not None
    assert update.message.text == "好"
    assert update.message.api_kwargs == {"scent": {"name": "jasmine"}}
    assert update.api_kwargs == {"hologram": {"depth": 3}}


def test_an_update_that_is_not_as_it_should_be_raises() -> None:
    # Why updates are stored raw before anything reads them.
    with pytest.raises((TypeError, KeyError, AttributeError, ValueError)):
        Update.de_json({"update_id": 1, "message": {"message_id": 2}}, None)


async def test_the_addresses_are_root_token_method() -> None:
    fake = Fake(200, {"ok": True, "result": True})
    client = Bot("1:abc", base_url="http://h/bot", base_file_url="http://h/file/bot", request=fake)
    await client.delete_message(5, 6)
    (url, method, data) = fake.asked[0]
    assert (url, method) == ("http://h/bot1:abc/deleteMessage", "POST")
    assert data is not None
    assert data.parameters == {"chat_id": 5, "message_id": 6}
    assert client.base_file_url == "http://h/file/bot1:abc"


async def test_asking_for_updates_uses_the_second_transport() -> None:
    calls, polls = Fake(200, {"ok": True, "result": []}), Fake(200, {"ok": True, "result": []})
    client = Bot("1:abc", request=calls, get_updates_request=polls)
    assert await client.get_updates() == ()
    assert (len(calls.asked), len(polls.asked)) == (0, 1)
