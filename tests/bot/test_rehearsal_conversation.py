"""A bot written with python-telegram-bot against the played Telegram, and a person who talks to it."""

import asyncio
import io
from collections.abc import AsyncIterator

import pytest
import telegram
from PIL import Image
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


def picture(colour: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (400, 300), colour).save(buffer, "JPEG")
    return buffer.getvalue()


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


async def test_person_sees_only_what_came_after_their_last_action(bot: telegram.Bot, wang: Player) -> None:
    await wang.sends("/start")
    first = await bot.send_message(1001, "首页")
    await wang.sees("首页")
    await wang.sends("再来")
    with pytest.raises(AssertionError, match=r"王芳 does not see “首页” within 0\.01 s") as failed:
        await wang.sees("首页", timeout=0.01)
    assert f"#{first.message_id} bot>  首页" in str(failed.value)
    await bot.edit_message_text("首页（新）", 1001, first.message_id)
    assert (await wang.sees("首页"))["message_id"] == first.message_id
    await bot.delete_message(1001, first.message_id)
    with pytest.raises(AssertionError):
        await wang.sees("首页", timeout=0.01)


async def test_person_taps_the_newest_button_of_that_name(bot: telegram.Bot, wang: Player) -> None:
    await wang.sends("/start")
    for number in range(2):
        row = [InlineKeyboardButton("返回", callback_data=f"back{number}")]
        row.append(InlineKeyboardButton("返回首页", callback_data=f"home{number}"))
        await bot.send_message(1001, f"第 {number} 页", reply_markup=InlineKeyboardMarkup([row]))
    old = next(message for message in wang.chat if message.get("text") == "第 0 页")
    assert wang.screen()["text"] == "第 1 页"
    await wang.taps("返回", wait=False)
    await wang.taps("首页", wait=False)
    await wang.taps("返回", message=old, wait=False)
    updates = await bot.get_updates()
    assert [update.callback_query.data for update in updates if update.callback_query] == ["back1", "home1", "back0"]
    with pytest.raises(AssertionError, match=r"no button \[取消\]"):
        await wang.taps("取消")
    with pytest.raises(AssertionError, match=r"was not answered within 0\.01 s"):
        await wang.taps("返回", timeout=0.01)


async def test_person_follows_links_to_the_bot_and_copies(bot: telegram.Bot, wang: Player) -> None:
    await wang.sends("/start")
    row = [InlineKeyboardButton("打开", url="https://t.me/anju_bot?start=check_x")]
    row.append(InlineKeyboardButton("复制", copy_text=telegram.CopyTextButton("HD2603")))
    await bot.send_message(1001, "链接", reply_markup=InlineKeyboardMarkup([row]))
    assert await wang.taps("打开") is None
    assert await wang.taps("复制") is None
    assert [message["text"] for message in wang.chat] == ["/start", "链接", "/start check_x"]


async def test_person_shares_contacts_of_every_kind(bot: telegram.Bot, wang: Player) -> None:
    await wang.sends("/start")
    keyboard = telegram.ReplyKeyboardMarkup(
        [[telegram.KeyboardButton("发送本机手机号", request_contact=True)], ["取消"]]
    )
    await bot.send_message(1001, "手机号？", reply_markup=keyboard)
    assert wang.keys() == [["发送本机手机号"], ["取消"]]
    await wang.taps("发送本机手机号")
    await wang.taps("取消")
    await wang.shares_contact(phone="+8613900139000", user_id=None)
    await wang.shares_contact(user_id=7, forwarded=True)
    updates = (await bot.get_updates())[1:]
    contacts = [update.message.contact for update in updates if update.message and update.message.contact]
    assert [(each.phone_number, each.user_id) for each in contacts] == [
        ("8613800138000", 1001), ("+8613900139000", None), ("8613800138000", 7),
    ]  # fmt: skip
    last = updates[-1].message
    assert last is not None
    assert isinstance(last.forward_origin, telegram.MessageOriginUser)


async def test_person_sends_albums_files_and_anything_else(bot: telegram.Bot, wang: Player) -> None:
    album = await wang.sends_photos(picture("red"), picture("blue"), caption="户口本")
    alone = await wang.sends_photos(picture("red"), picture("blue"), album=False)
    assert len({message["media_group_id"] for message in album}) == 1
    assert [message.get("caption") for message in album] == ["户口本", None]
    assert not any("media_group_id" in message for message in alone)
    assert album[0]["photo"][0]["file_unique_id"] == alone[0]["photo"][0]["file_unique_id"]
    await wang.sends_document(b"PK", "计划.xlsx", "application/zip", caption="请看")
    await wang.sends_raw({"location": {"latitude": 39.9, "longitude": 116.4}})
    long = await wang.sends("字" * 5000)
    assert len(long["text"]) == 904
    edited = await wang.edits(long["message_id"], "短")
    captioned = await wang.edits(album[0]["message_id"], "/start")
    assert captioned["caption_entities"][0]["type"] == "bot_command"
    updates = await bot.get_updates()
    assert updates[4].message is not None
    document = updates[4].message.document
    assert document is not None
    file = await document.get_file()
    assert bytes(await file.download_as_bytearray()) == b"PK"
    change = updates[-2].edited_message
    assert change is not None
    assert (change.text, change.message_id) == ("短", edited["message_id"])
    with pytest.raises(AssertionError, match="has no message 1 to edit"):
        await wang.edits(1, "x")
    with pytest.raises(AssertionError, match="empty"):
        await wang.sends(" ")


async def test_bot_sends_files_albums_and_edits_media(bot: telegram.Bot, wang: Player) -> None:
    await wang.sends("/start")
    await bot.send_document(1001, b"%PDF", filename="配租记录.pdf", caption="记录")
    document = await wang.sees_document("记录")
    assert await wang.downloads(document) == b"%PDF"
    media = [telegram.InputMediaPhoto(picture("red"), caption="一"), telegram.InputMediaPhoto(picture("blue"))]
    first, _ = await bot.send_media_group(1001, media)
    await bot.edit_message_media(telegram.InputMediaPhoto(picture("green")), 1001, first.message_id)
    assert await wang.downloads(wang.chat[2]) != await wang.downloads(wang.chat[3])


async def test_person_who_blocked_comes_back_by_writing(bot: telegram.Bot, wang: Player) -> None:
    await wang.sends("/start")
    await wang.blocks()
    with pytest.raises(telegram.error.Forbidden, match="bot was blocked by the user"):
        await bot.send_message(1001, "通知")
    await wang.sends("/start")
    await bot.send_message(1001, "欢迎")
    await wang.sees("欢迎")


async def test_person_waits_for_quiet_and_for_changes(bot: telegram.Bot, wang: Player) -> None:
    own = await wang.sends("110101199003071234")

    async def reads_and_deletes() -> None:
        update = await next_update(bot)
        await bot.delete_message(1001, own["message_id"])
        await bot.send_message(1001, "已删除")
        await bot.get_updates(offset=update.update_id + 1)

    async with asyncio.TaskGroup() as group:
        group.create_task(reads_and_deletes())
        await wang.sees_change(lambda: own not in wang.chat, "the number is deleted")
        await wang.settles(quiet=0.01)
    assert [message["text"] for message in wang.chat] == ["已删除"]
    with pytest.raises(AssertionError, match=r"not so within 0\.01 s: the moon"):
        await wang.sees_change(lambda: False, "the moon", timeout=0.01)


async def test_flood_control_reaches_the_client_as_retry_after(
    bot: telegram.Bot, wang: Player, played: PlayedTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # else the library warns of its own change to come
    await wang.sends("/start")
    played.faults.fail_next("sendMessage", status=429, retry_after=3)
    with pytest.raises(telegram.error.RetryAfter):
        await bot.send_message(1001, "甲")
    played.faults.fail_next("sendMessage", status="reset")
    with pytest.raises(telegram.error.NetworkError):
        await bot.send_message(1001, "甲")


async def test_a_bot_that_does_not_listen_never_comes_to_rest(wang: Player) -> None:
    await wang.sends("/start")
    with pytest.raises(AssertionError, match="does not come to rest"):
        await wang.settles(quiet=0.001, timeout=0.02)
