"""A bot written with python-telegram-bot against the played Telegram, and a person who talks to it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import telegram
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.rehearsal.client import Player
from bot.rehearsal.telegram import PlayedTelegram

TOKEN = "1234567:played-token"


@pytest.fixture
async def played() -> AsyncIterator[PlayedTelegram]:
    server = PlayedTelegram(TOKEN)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def bot(played: PlayedTelegram) -> AsyncIterator[telegram.Bot]:
    client = telegram.Bot(TOKEN, base_url=f"{played.url}/bot", base_file_url=f"{played.url}/file/bot")
    async with client:
        yield client


@pytest.fixture
def wang(played: PlayedTelegram) -> Player:
    return played.person(1001, "王芳", phone="+8613800138000")


async def next_update(bot: telegram.Bot, offset: int = 0) -> telegram.Update:
    (update,) = await bot.get_updates(offset=offset, timeout=5, limit=1)
    return update


async def test_person_starts_and_bot_answers_with_a_screen(bot: telegram.Bot, wang: Player) -> None:
    await wang.sends("/start plan_x")
    update = await next_update(bot)
    assert update.message is not None
    assert update.message.text == "/start plan_x"
    assert update.message.entities[0].type == "bot_command"
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("配租计划", callback_data="plans")]])
    await bot.send_message(1001, "<b>安居</b>", parse_mode="HTML", reply_markup=markup)
    screen = await wang.sees("安居")
    assert screen["entities"] == [{"type": "bold", "offset": 0, "length": 2}]
    assert wang.buttons() == [["配租计划"]]


async def test_person_taps_and_gets_the_answer(bot: telegram.Bot, wang: Player) -> None:
    await wang.sends("/start")
    first = await next_update(bot)
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("配租计划", callback_data="plans")]])
    sent = await bot.send_message(1001, "首页", reply_markup=markup)

    async def answers() -> None:
        update = await next_update(bot, first.update_id + 1)
        assert update.callback_query is not None
        assert update.callback_query.data == "plans"
        await update.callback_query.answer("好")
        await bot.edit_message_text("计划", 1001, sent.message_id)

    async with asyncio.TaskGroup() as group:
        group.create_task(answers())
        assert await wang.taps("配租") == "好"
        message = await wang.sees("计划")
    assert "reply_markup" not in message
    assert [m["message_id"] for m in wang.chat][-1] == sent.message_id
