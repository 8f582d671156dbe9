"""What the browser's phone is told and what it may do."""

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from PIL import Image

from bot.rehearsal.client import Player
from bot.rehearsal.telegram import PlayedTelegram

TOKEN = "1234567:played-token"
WANG = 1001


class Page:
    """An open page: frames out, frames in."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def says(self, kind: str, **fields: Any) -> None:
        await self.socket.send_str(orjson.dumps({"type": kind, "person": WANG, **fields}).decode())

    async def hears(self, kind: str) -> dict[str, Any]:
        """The next frame of that kind; others before it are passed over."""
        while True:
            frame: dict[str, Any] = orjson.loads(await self.socket.receive_str(timeout=5))
            if frame["type"] == kind:
                return frame


@pytest.fixture
async def played(tmp_path: Path) -> AsyncIterator[PlayedTelegram]:
    (tmp_path / "index.html").write_text("<!doctype html>安居", encoding="utf-8")
    (tmp_path / "app.js").write_text("1", encoding="utf-8")
    (tmp_path.parent / "secret.txt").write_text("no", encoding="utf-8")
    server = PlayedTelegram(TOKEN, page=tmp_path)
    server.add_sample("id-front", "身份证人像面", picture(), "photo", "image/png", "身份证.png")
    server.add_sample("lease", "劳动合同", b"%PDF-1.7", "document", "application/pdf", "劳动合同.pdf")
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def wang(played: PlayedTelegram) -> Player:
    return played.person(WANG, "王芳", phone="+8613800138000", role="申请人")


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
async def page(played: PlayedTelegram, wang: Player, session: aiohttp.ClientSession) -> AsyncIterator[Page]:
    async with session.ws_connect(f"{played.url}/rehearsal/socket", origin=played.url) as socket:
        yield Page(socket)


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (400, 300), "teal").save(buffer, "PNG")
    return buffer.getvalue()


async def call(played: PlayedTelegram, session: aiohttp.ClientSession, method: str, **given: Any) -> Any:
    async with session.post(f"{played.url}/bot{TOKEN}/{method}", json=given) as response:
        return (await response.json())["result"]


async def test_a_page_is_told_who_is_there(page: Page, played: PlayedTelegram) -> None:
    played.sms("+8613800138000", "验证码 482913")
    hello = await page.hears("hello")
    assert hello["bot"] == {"name": "安居", "username": "anju_bot"}
    assert hello["people"] == [
        {
            "id": WANG,
            "name": "王芳",
            "role": "申请人",
            "language_code": "zh-hans",
            "phone": "+8613800138000",
            "unread": 0,
        }
    ]
    assert [(each["name"], each["kind"]) for each in hello["samples"]] == [("id-front", "photo"), ("lease", "document")]
    sms = (await page.hears("sms"))["sms"]
    assert (sms["phone"], sms["text"]) == ("+8613800138000", "验证码 482913")
    played.person(2002, "李强", phone="1")
    hello = await page.hears("hello")
    assert [person["name"] for person in hello["people"]] == ["王芳", "李强"]
    assert hello["sms"] == [sms]


async def test_a_page_shows_a_conversation(
    page: Page, played: PlayedTelegram, wang: Player, session: aiohttp.ClientSession
) -> None:
    await page.says("open")
    chat = await page.hears("chat")
    assert chat == {
        "type": "chat", "person": WANG, "messages": [], "commands": [], "keyboard": None, "blocked": False,
    }  # fmt: skip
    await page.says("send_text", text="/start")
    own = (await page.hears("message"))["message"]
    assert own["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]

    markup = {"inline_keyboard": [[{"text": "配租计划", "callback_data": "plans"}]]}
    await call(played, session, "sendChatAction", chat_id=WANG, action="typing")
    sent = await call(played, session, "sendMessage", chat_id=WANG, text="首页", reply_markup=markup)
    assert (await page.hears("action"))["action"] == "typing"
    assert (await page.hears("message"))["message"] == sent

    await page.says("press", message_id=sent["message_id"], data="plans")
    updates = await call(played, session, "getUpdates", timeout=5, offset=-1)
    while "callback_query" not in updates[-1]:
        updates = await call(played, session, "getUpdates", timeout=5, offset=updates[-1]["update_id"] + 1)
    query = updates[-1]["callback_query"]
    await call(played, session, "answerCallbackQuery", callback_query_id=query["id"], text="好")
    toast = await page.hears("toast")
    assert toast == {
        "type": "toast", "person": WANG, "query_id": query["id"], "message_id": sent["message_id"], "text": "好",
        "alert": False, "url": None,
    }  # fmt: skip

    commands = [{"command": "start", "description": "首页"}]
    await call(played, session, "setMyCommands", commands=commands)
    assert (await page.hears("commands"))["commands"] == commands
    await call(played, session, "deleteMessage", chat_id=WANG, message_id=sent["message_id"])
    assert (await page.hears("deleted"))["message_id"] == sent["message_id"]


async def test_a_page_uses_the_reply_keyboard(
    page: Page, played: PlayedTelegram, wang: Player, session: aiohttp.ClientSession
) -> None:
    await page.says("send_text", text="/start")
    await page.hears("message")
    keyboard = {
        "keyboard": [[{"text": "发送本机手机号", "request_contact": True}], [{"text": "是"}]],
        "one_time_keyboard": True,
    }
    asked = await call(played, session, "sendMessage", chat_id=WANG, text="手机号？", reply_markup=keyboard)
    assert (await page.hears("keyboard"))["keyboard"] == keyboard
    await page.says("share_contact")
    shared = (await page.hears("message"))["message"]
    assert shared["contact"] == {"phone_number": "8613800138000", "first_name": "王芳", "user_id": WANG}
    assert shared["reply_to_message"]["message_id"] == asked["message_id"]
    assert (await page.hears("keyboard"))["keyboard"] is None
    await call(played, session, "sendMessage", chat_id=WANG, text="对吗？", reply_markup=keyboard)
    assert (await page.hears("keyboard"))["keyboard"] == keyboard
    await page.says("send_text", text="是")
    assert (await page.hears("message"))["message"]["text"] == "是"
    assert (await page.hears("keyboard"))["keyboard"] is None


async def test_a_page_edits_deletes_and_blocks(page: Page, wang: Player) -> None:
    own = await wang.sends("甲")
    await page.says("edit_text", message_id=own["message_id"], text="乙")
    await page.hears("message")
    assert (await page.hears("message"))["message"]["text"] == "乙"
    await page.says("delete", message_id=own["message_id"])
    await page.hears("deleted")
    await page.says("block")
    assert (await page.hears("chat"))["blocked"] is True
    await page.says("unblock")
    assert (await page.hears("chat"))["blocked"] is False


async def test_a_page_sends_samples_and_files(
    page: Page, played: PlayedTelegram, wang: Player, session: aiohttp.ClientSession
) -> None:
    await page.says("send_sample", names=["id-front", "id-front"], **{"as": "photo"})
    first, second = (await page.hears("message"))["message"], (await page.hears("message"))["message"]
    assert first["media_group_id"] == second["media_group_id"]
    await page.says("send_sample", names=["lease"], **{"as": "document"})
    assert (await page.hears("message"))["message"]["document"]["file_name"] == "劳动合同.pdf"

    parts = aiohttp.FormData(quote_fields=False)
    parts.add_field("file", "甲乙".encode(), filename="说明.txt", content_type="text/plain")
    async with session.post(f"{played.url}/rehearsal/upload?person={WANG}&as=document", data=parts) as response:
        assert response.status == 200
    document = (await page.hears("message"))["message"]["document"]
    assert (document["file_name"], document["mime_type"]) == ("说明.txt", "text/plain")
    parts = aiohttp.FormData()
    parts.add_field("file", b"no picture", filename="x.jpg")
    async with session.post(f"{played.url}/rehearsal/upload?person={WANG}&as=photo", data=parts) as response:
        assert response.status == 400
    assert await wang.downloads(first)

    async with session.get(f"{played.url}/rehearsal/file/{first['photo'][-1]['file_id']}") as response:
        assert response.content_type == "image/jpeg"
        assert response.headers["Content-Disposition"].startswith("inline")
    async with session.get(f"{played.url}/rehearsal/file/{document['file_id']}") as response:
        expected = "attachment; filename*=UTF-8''%E8%AF%B4%E6%98%8E.txt"
        assert response.headers["Content-Disposition"] == expected
    async with session.get(f"{played.url}/rehearsal/sample/lease") as response:
        assert await response.read() == b"%PDF-1.7"
        assert response.headers["Content-Disposition"].startswith("inline")


async def test_frames_that_make_no_sense_change_nothing(page: Page, wang: Player) -> None:
    await page.socket.send_str("{")
    assert (await page.hears("refused"))["reason"].startswith("JSONDecodeError")
    senseless: list[tuple[str, dict[str, Any]]] = [
        ("dance", {}),
        ("press", {}),
        ("open", {"person": 7}),
        ("edit_text", {"message_id": 1, "text": "x"}),
    ]
    for kind, fields in senseless:
        await page.says(kind, **fields)
        assert (await page.hears("refused"))["type"] == "refused"
    assert wang.chat == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/rehearsal/", 200),
        ("/rehearsal/app.js", 200),
        ("/rehearsal/none.css", 404),
        ("/rehearsal/..%2Fsecret.txt", 404),
        ("/rehearsal/file/none", 404),
        ("/rehearsal/sample/none", 404),
    ],
)
async def test_the_page_is_served(
    played: PlayedTelegram, session: aiohttp.ClientSession, path: str, status: int
) -> None:
    async with session.get(f"{played.url}{path}") as response:
        assert response.status == status


async def test_the_root_leads_to_the_page(played: PlayedTelegram, session: aiohttp.ClientSession) -> None:
    async with session.get(f"{played.url}/") as response:
        assert response.url.path == "/rehearsal/"
        assert "安居" in await response.text()


async def test_other_hosts_and_origins_are_shut_out(played: PlayedTelegram, session: aiohttp.ClientSession) -> None:
    async with session.get(f"{played.url}/rehearsal/", headers={"Host": "evil.example"}) as response:
        assert response.status == 403
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await session.ws_connect(f"{played.url}/rehearsal/socket", origin="https://evil.example")
    assert refused.value.status == 403
    async with session.post(f"{played.url}/rehearsal/upload", headers={"Origin": "null"}) as response:
        assert response.status == 403
