"""What the played Bot API answers, call by call, over HTTP."""

import io
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
import pytest
from PIL import Image

from bot.rehearsal.client import Player
from bot.rehearsal.telegram import PlayedTelegram

TOKEN = "1234567:played-token"
WANG = 1001
HOME = {"inline_keyboard": [[{"text": "配租计划", "callback_data": "plans", "style": "primary"}]]}


class Caller:
    """Calls methods and returns the result, or the refusal as `(code, description)`."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url

    async def __call__(self, method: str, **parameters: Any) -> Any:
        return await self._read(self.session.post(f"{self.url}/bot{TOKEN}/{method}", json=parameters))

    async def form(self, method: str, data: Any) -> Any:
        return await self._read(self.session.post(f"{self.url}/bot{TOKEN}/{method}", data=data))

    async def get(self, path: str) -> Any:
        return await self._read(self.session.get(f"{self.url}{path}"))

    async def _read(self, request: Any) -> Any:
        async with request as response:
            answer = orjson.loads(await response.read())
            if answer["ok"]:
                assert response.status == 200
                return answer["result"]
            assert response.status == answer["error_code"]
            return answer["error_code"], answer["description"]


@pytest.fixture
async def played() -> AsyncIterator[PlayedTelegram]:
    server = PlayedTelegram(TOKEN)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def call(played: PlayedTelegram) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(session, played.url)


@pytest.fixture
def wang(played: PlayedTelegram) -> Player:
    return played.person(WANG, "王芳", phone="+8613800138000", started=True)


def picture(width: int = 1000, height: int = 700) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(buffer, "PNG")
    return buffer.getvalue()


def bad(sentence: str) -> tuple[int, str]:
    return 400, f"Bad Request: {sentence}"


async def test_bot_is_told_who_it_is_and_unknown_things_are_refused(call: Caller) -> None:
    me = await call("getMe")
    assert (me["id"], me["username"], me["is_bot"]) == (1234567, "anju_bot", True)
    assert await call("GETME") == me
    assert await call("sendDice", chat_id=WANG) == (404, "Not Found")
    assert await call.get("/bot1:wrong/getMe") == (401, "Unauthorized")


async def test_every_kind_of_body_is_read(call: Caller, wang: Player) -> None:
    markup = orjson.dumps(HOME).decode()
    by_json = await call("sendMessage", chat_id=WANG, text="甲", reply_markup=HOME)
    by_text = await call("sendMessage", chat_id=str(WANG), text="甲", reply_markup=markup)
    by_form = await call.form("sendMessage", {"chat_id": str(WANG), "text": "甲", "reply_markup": markup})
    parts = aiohttp.FormData(default_to_multipart=True)
    parts.add_field("chat_id", str(WANG))
    parts.add_field("text", "甲")
    by_parts = await call.form("sendMessage", parts)
    by_query = await call.get(f"/bot{TOKEN}/sendMessage?chat_id={WANG}&text=%E7%94%B2")
    assert {each["text"] for each in (by_json, by_text, by_form, by_parts, by_query)} == {"甲"}
    assert by_json["reply_markup"] == by_text["reply_markup"] == by_form["reply_markup"] == HOME
    assert by_json["chat"] == {"id": WANG, "first_name": "王芳", "type": "private"}
    assert by_query["message_id"] == by_json["message_id"] + 4


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": "<b> </b>", "parse_mode": "HTML"}, "message text is empty"),
        ({"text": "字" * 4097}, "message is too long"),
        ({"text": "甲", "chat_id": 7}, "chat not found"),
        ({"text": "甲", "chat_id": "@nobody"}, "chat not found"),
        ({"text": "*甲*", "parse_mode": "MarkdownV2"}, "unsupported parse_mode"),
        ({"text": "甲", "reply_markup": "{"}, "can't parse reply markup JSON object"),
        ({"text": "甲", "reply_parameters": {"message_id": 5}}, "message to be replied not found"),
    ],
)
async def test_messages_that_cannot_be_sent(
    call: Caller, wang: Player, parameters: dict[str, Any], sentence: str
) -> None:
    assert await call("sendMessage", **{"chat_id": WANG} | parameters) == bad(sentence)
    assert wang.chat == []


async def test_length_counts_after_parsing(call: Caller, wang: Player) -> None:
    sent = await call("sendMessage", chat_id=WANG, text=f"<b>{'字' * 4096}</b>", parse_mode="HTML")
    assert len(sent["text"]) == 4096


@pytest.mark.parametrize(
    ("button", "sentence"),
    [
        ({"text": "甲", "callback_data": "x" * 65}, "BUTTON_DATA_INVALID"),
        ({"text": "甲", "callback_data": "字" * 22}, "BUTTON_DATA_INVALID"),
        ({"text": "甲", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        (
            {"text": "甲", "url": "http://localhost/"},
            "inline keyboard button URL 'http://localhost/' is invalid: Wrong HTTP URL",
        ),
        (
            {"text": "甲", "callback_data": "x", "style": "pink"},
            "can't parse keyboard button: invalid button style specified",
        ),
        (
            {"text": "甲"},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        ({"callback_data": "x"}, 'can\'t parse keyboard button: Field "text" must be a non-empty String'),
    ],
)
async def test_buttons_that_are_refused(call: Caller, wang: Player, button: dict[str, Any], sentence: str) -> None:
    markup = {"inline_keyboard": [[button]]}
    assert await call("sendMessage", chat_id=WANG, text="甲", reply_markup=markup) == bad(sentence)


async def test_more_than_a_hundred_buttons_are_refused(call: Caller, wang: Player) -> None:
    rows = [[{"text": "甲", "callback_data": str(number)}] for number in range(101)]
    refused = await call("sendMessage", chat_id=WANG, text="甲", reply_markup={"inline_keyboard": rows})
    assert refused == bad("reply markup is too long")
    sent = await call("sendMessage", chat_id=WANG, text="甲", reply_markup={"inline_keyboard": rows[1:]})
    assert len(sent["reply_markup"]["inline_keyboard"]) == 100


async def test_other_buttons_and_unknown_parameters_are_taken(call: Caller, wang: Player) -> None:
    row = [
        {"text": "抄", "copy_text": {"text": "HD2603"}},
        {"text": "网", "url": "https://example.org/"},
        {"text": "找", "switch_inline_query": ""},
    ]
    sent = await call(
        "sendMessage", chat_id=WANG, text="甲", disable_everything=1, reply_markup={"inline_keyboard": [row]}
    )
    assert sent["reply_markup"]["inline_keyboard"] == [row]


async def test_editing_changes_in_place_and_drops_the_keyboard(call: Caller, wang: Player) -> None:
    sent = await call("sendMessage", chat_id=WANG, text="甲", reply_markup=HOME)
    number = sent["message_id"]
    same = await call("editMessageText", chat_id=WANG, message_id=number, text="甲", reply_markup=HOME)
    assert same[0] == 400
    assert same[1].startswith(
        "Bad Request: message is not modified: specified new message content and reply markup are"
    )
    kept = await call("editMessageText", chat_id=WANG, message_id=number, text="乙", reply_markup=HOME)
    assert kept["reply_markup"] == HOME
    assert kept["edit_date"] >= kept["date"] == sent["date"]
    bare = await call("editMessageText", chat_id=WANG, message_id=number, text="乙")
    assert "reply_markup" not in bare
    again = await call("editMessageReplyMarkup", chat_id=WANG, message_id=number, reply_markup=HOME)
    assert again["text"] == "乙"
    assert [message["text"] for message in wang.chat] == ["乙"]
    assert wang.buttons() == [["配租计划"]]


async def test_what_cannot_be_edited(call: Caller, wang: Player) -> None:
    keyboard = {"keyboard": [["甲"]]}
    framed = await call("sendMessage", chat_id=WANG, text="甲", reply_markup=keyboard)
    removing = await call("sendMessage", chat_id=WANG, text="甲", reply_markup={"remove_keyboard": True})
    for message in (framed, removing):
        edit = {"chat_id": WANG, "message_id": message["message_id"], "text": "乙"}
        assert await call("editMessageText", **edit) == bad("message can't be edited")
    own = await wang.sends("我的")
    edit = {"chat_id": WANG, "message_id": own["message_id"], "text": "乙"}
    assert await call("editMessageText", **edit) == bad("message can't be edited")
    assert await call("editMessageText", chat_id=WANG, message_id=1, text="乙") == bad("message to edit not found")
    assert await call("editMessageText", inline_message_id="x", text="乙") == bad("message identifier is not specified")


async def test_reply_keyboards_are_shown_replaced_and_removed(call: Caller, wang: Player) -> None:
    key = {"text": "发送本机手机号", "request_contact": True}
    await call("sendMessage", chat_id=WANG, text="甲", reply_markup={"keyboard": [[key]], "resize_keyboard": True})
    assert wang.keyboard == {"keyboard": [[key]], "resize_keyboard": True}
    await call("sendMessage", chat_id=WANG, text="乙", reply_markup=HOME)
    assert wang.keys() == [["发送本机手机号"]]
    await call("sendMessage", chat_id=WANG, text="丙", reply_markup={"remove_keyboard": True})
    assert wang.keyboard is None
    await call("sendMessage", chat_id=WANG, text="甲", reply_markup={"keyboard": [["是"]], "one_time_keyboard": True})
    await wang.taps("是")
    assert wang.keyboard is None


async def test_deleting(call: Caller, wang: Player) -> None:
    own = await wang.sends("110101199003071234")
    sent = await call("sendMessage", chat_id=WANG, text="甲")
    assert await call("deleteMessage", chat_id=WANG, message_id=own["message_id"]) is True
    missing = await call("deleteMessage", chat_id=WANG, message_id=own["message_id"])
    assert missing == bad("message to delete not found")
    numbers = [own["message_id"], sent["message_id"]]
    assert await call("deleteMessages", chat_id=WANG, message_ids=numbers) is True
    assert wang.chat == []
    assert (await call("deleteMessages", chat_id=WANG, message_ids=[]))[0] == 400


async def test_old_messages_stay() -> None:
    now = 1_800_000_000.0
    server = PlayedTelegram(TOKEN, clock=lambda: now)
    await server.start()
    async with aiohttp.ClientSession() as session:
        old_call = Caller(session, server.url)
        server.person(WANG, "王芳", phone="1", started=True)
        sent = await old_call("sendMessage", chat_id=WANG, text="甲")
        now += 48 * 3600 + 1
        refused = await old_call("deleteMessage", chat_id=WANG, message_id=sent["message_id"])
        assert refused == bad("message can't be deleted for everyone")
        edited = await old_call("editMessageText", chat_id=WANG, message_id=sent["message_id"], text="乙")
        assert edited["edit_date"] == sent["date"] + 48 * 3600 + 1
    await server.stop()


async def test_presses_are_answered_once_and_in_time(call: Caller, wang: Player, played: PlayedTelegram) -> None:
    sent = await call("sendMessage", chat_id=WANG, text="甲", reply_markup=HOME)
    await wang.taps("配租计划", wait=False)
    (update,) = await call("getUpdates")
    query = update["callback_query"]
    assert query["data"] == "plans"
    assert query["message"] == sent
    assert await call("answerCallbackQuery", callback_query_id=query["id"], text="好", show_alert=True) is True
    old = bad("query is too old and response timeout expired or query ID is invalid")
    assert await call("answerCallbackQuery", callback_query_id=query["id"]) == old
    assert await call("answerCallbackQuery", callback_query_id="1", text="字" * 201) == bad("MESSAGE_TOO_LONG")


async def test_a_press_below_a_deleted_message_carries_what_is_left_of_it(call: Caller, wang: Player) -> None:
    await wang.presses(77, "forged", wait=False)
    (update,) = await call("getUpdates")
    assert update["callback_query"]["message"]["date"] == 0
    assert update["callback_query"]["message"]["message_id"] == 77


async def test_pictures_come_in_sizes_and_can_be_sent_again(call: Caller, wang: Player) -> None:
    parts = aiohttp.FormData()
    parts.add_field("chat_id", str(WANG))
    parts.add_field("photo", picture(), filename="home.png", content_type="image/png")
    parts.add_field("caption", "<b>清河家园</b>")
    parts.add_field("parse_mode", "HTML")
    sent = await call.form("sendPhoto", parts)
    assert [(size["width"], size["height"]) for size in sent["photo"]] == [
        (90, 63),
        (320, 224),
        (800, 560),
        (1000, 700),
    ]
    assert sent["caption"] == "清河家园"
    again = await call("sendPhoto", chat_id=WANG, photo=sent["photo"][-1]["file_id"])
    assert again["photo"] == sent["photo"]
    edit = {"chat_id": WANG, "message_id": sent["message_id"]}
    assert await call("editMessageText", **edit, text="乙") == bad("there is no text in the message to edit")
    changed = await call("editMessageCaption", **edit, caption="一居室")
    assert (changed["caption"], changed["photo"]) == ("一居室", sent["photo"])
    assert "caption_entities" not in changed
    no_caption = await call("sendMessage", chat_id=WANG, text="甲")
    edit["message_id"] = no_caption["message_id"]
    assert await call("editMessageCaption", **edit, caption="乙") == bad("there is no caption in the message to edit")
    media = {"type": "photo", "media": sent["photo"][0]["file_id"], "caption": "换"}
    swapped = await call("editMessageMedia", **edit, media=media)
    assert "text" not in swapped
    assert swapped["caption"] == "换"


async def test_pictures_that_are_refused(call: Caller, wang: Player) -> None:
    async def send(content: bytes) -> Any:
        parts = aiohttp.FormData()
        parts.add_field("chat_id", str(WANG))
        parts.add_field("photo", io.BytesIO(content), filename="x.png")
        return await call.form("sendPhoto", parts)

    assert await send(b"no picture") == bad("IMAGE_PROCESS_FAILED")
    assert await send(picture(2100, 100)) == bad("PHOTO_INVALID_DIMENSIONS")
    assert (await send(b"0" * (10 * 1024 * 1024 + 1)))[1].endswith("the maximum size is 10485760 bytes")
    assert await send(b"") == bad("file must be non-empty")
    assert await call("sendPhoto", chat_id=WANG, photo="AgADnone") == bad("wrong file identifier/HTTP URL specified")
    assert await call("sendPhoto", chat_id=WANG) == bad("there is no photo in the request")
    assert (await call("sendPhoto", chat_id=WANG, photo="https://example.org/a.jpg"))[0] == 400
    document = await wang.sends_document(b"%PDF-1.7", "合同.pdf", "application/pdf")
    refused = await call("sendPhoto", chat_id=WANG, photo=document["document"]["file_id"])
    assert refused == bad("can't use file of type Document as Photo")


async def test_captions_have_their_own_length(call: Caller, wang: Player) -> None:
    (photo,) = await wang.sends_photos(picture())
    parameters = {"chat_id": WANG, "photo": photo["photo"][-1]["file_id"]}
    assert await call("sendPhoto", **parameters, caption="字" * 1025) == bad("message caption is too long")
    assert len((await call("sendPhoto", **parameters, caption="字" * 1024))["caption"]) == 1024


async def test_documents_and_their_bytes(call: Caller, wang: Player, played: PlayedTelegram) -> None:
    parts = aiohttp.FormData(quote_fields=False)
    parts.add_field("chat_id", str(WANG))
    parts.add_field("document", b"%PDF-1.7 record", filename="配租记录.pdf", content_type="application/pdf")
    sent = await call.form("sendDocument", parts)
    assert sent["document"]["file_name"] == "配租记录.pdf"
    assert sent["document"]["mime_type"] == "application/pdf"
    assert await wang.downloads(sent) == b"%PDF-1.7 record"
    file = await call("getFile", file_id=sent["document"]["file_id"])
    assert file["file_size"] == 15
    async with call.session.get(f"{played.url}/file/bot{TOKEN}/{file['file_path']}") as response:
        assert await response.read() == b"%PDF-1.7 record"
    assert await call.get(f"/file/bot{TOKEN}/documents/none.pdf") == (404, "Not Found")
    assert await call.get(f"/file/bot1:wrong/{file['file_path']}") == (401, "Unauthorized")
    wrong = await call("getFile", file_id="none")
    assert wrong == bad("wrong file_id or the file is temporarily unavailable")


async def test_files_beyond_20_mb_cannot_be_fetched(call: Caller, wang: Player) -> None:
    sent = await wang.sends_document(b"0" * (20 * 1024 * 1024 + 1), "大.pdf", "application/pdf")
    assert await call("getFile", file_id=sent["document"]["file_id"]) == bad("file is too big")


async def test_albums(call: Caller, wang: Player) -> None:
    parts = aiohttp.FormData()
    parts.add_field("chat_id", str(WANG))
    media = [{"type": "photo", "media": "attach://a", "caption": "<i>一</i>", "parse_mode": "HTML"}]
    media.append({"type": "photo", "media": "attach://b"})
    parts.add_field("media", orjson.dumps(media).decode())
    parts.add_field("a", picture(), filename="a.png")
    parts.add_field("b", picture(300, 300), filename="b.png")
    first, second = await call.form("sendMediaGroup", parts)
    assert first["media_group_id"] == second["media_group_id"]
    assert (first["caption"], len(second["photo"])) == ("一", 2)
    alone = await call("sendMediaGroup", chat_id=WANG, media=media[:1])
    assert alone == bad("media group must include 2-10 items")
    mixed = [media[0], {"type": "document", "media": "attach://b"}]
    refused = await call("sendMediaGroup", chat_id=WANG, media=mixed)
    assert refused == bad("document can't be mixed with other media types")
    assert (await call("sendMediaGroup", chat_id=WANG, media=[{"type": "video"}, {"type": "video"}]))[0] == 400


async def test_venues_actions_copies_reactions_and_pins(call: Caller, wang: Player) -> None:
    place = {"latitude": 40.03, "longitude": 116.34, "title": "清河家园", "address": "海淀区清河路 1 号"}
    sent = await call("sendVenue", chat_id=WANG, **place)
    assert sent["venue"]["title"] == "清河家园"
    assert sent["location"] == {"latitude": 40.03, "longitude": 116.34}
    assert (await call("sendVenue", chat_id=WANG, **place | {"latitude": 91}))[0] == 400
    assert (await call("sendVenue", chat_id=WANG, **place | {"longitude": "x"}))[0] == 400
    assert (await call("sendVenue", chat_id=WANG, **place | {"title": ""}))[0] == 400
    assert await call("sendChatAction", chat_id=WANG, action="typing") is True
    assert await call("sendChatAction", chat_id=WANG, action="sing") == bad("wrong parameter action in request")
    number = sent["message_id"]
    copied = await call("copyMessage", chat_id=WANG, from_chat_id=WANG, message_id=number)
    assert set(copied) == {"message_id"}
    assert (await call("copyMessage", chat_id=WANG, from_chat_id=WANG, message_id=1))[0] == 400
    reaction = [{"type": "emoji", "emoji": "👍"}]
    assert await call("setMessageReaction", chat_id=WANG, message_id=number, reaction=reaction) is True
    assert (await call("setMessageReaction", chat_id=WANG, message_id=number, reaction=reaction * 2))[0] == 400
    assert (await call("setMessageReaction", chat_id=WANG, message_id=1))[0] == 400
    assert await call("pinChatMessage", chat_id=WANG, message_id=number) is True
    about = await call("getChat", chat_id=WANG)
    assert about["pinned_message"]["message_id"] == number
    assert about["first_name"] == "王芳"
    assert await call("unpinChatMessage", chat_id=WANG) is True
    assert (await call("unpinChatMessage", chat_id=WANG))[0] == 400
    assert (await call("pinChatMessage", chat_id=WANG, message_id=1))[0] == 400


async def test_the_command_menu_depends_on_chat_and_language(
    call: Caller, wang: Player, played: PlayedTelegram
) -> None:
    john = played.person(2002, "John", phone="+441234567", language_code="en")

    async def offer(name: str, **where: Any) -> None:
        assert await call("setMyCommands", commands=[{"command": name, "description": "x"}], **where) is True

    def seen(player: Player) -> list[str]:
        return [command["command"] for command in player.commands]

    assert seen(wang) == []
    await offer("default")
    await offer("private", scope={"type": "all_private_chats"})
    assert (seen(wang), seen(john)) == (["private"], ["private"])
    await offer("zh", scope={"type": "all_private_chats"}, language_code="zh")
    assert (seen(wang), seen(john)) == (["zh"], ["private"])
    staff = {"type": "chat", "chat_id": 2002}
    await offer("staff", scope=staff)
    assert seen(john) == ["staff"]
    assert await call("getMyCommands", scope=staff) == [{"command": "staff", "description": "x"}]
    assert await call("deleteMyCommands", scope=staff) is True
    assert seen(john) == ["private"]
    assert (await call("setMyCommands", commands=[{"command": "Ü", "description": "x"}]))[1].endswith("COMMAND_INVALID")
    assert (await call("setMyCommands", commands=[{"command": "x", "description": ""}]))[0] == 400
    assert (await call("setMyCommands", commands=[{}] * 101))[0] == 400
    assert (await call("setMyCommands", commands=[], scope={"type": "moon"}))[0] == 400


async def test_names_and_descriptions_by_language(call: Caller, wang: Player) -> None:
    assert (await call("getMyName"))["name"] == "安居"
    assert await call("setMyName", name="Anju", language_code="en") is True
    assert (await call("getMyName", language_code="en"))["name"] == "Anju"
    assert await call("setMyDescription", description="保租房") is True
    assert (await call("getMyDescription", language_code="en"))["description"] == "保租房"
    assert (await call("setMyShortDescription", short_description="字" * 121))[0] == 400
    assert (await call("getMyShortDescription"))["short_description"] == ""
    assert await call("setChatMenuButton", menu_button={"type": "commands"}, chat_id=WANG) is True
    assert (await call("getChatMenuButton", chat_id=WANG))["type"] == "commands"
    assert (await call("setChatMenuButton", menu_button={"type": "x"}))[0] == 400


async def test_who_never_wrote_or_blocked_cannot_be_written_to(call: Caller, played: PlayedTelegram) -> None:
    li = played.person(3003, "李强", phone="1")
    refused = await call("sendMessage", chat_id=3003, text="甲")
    assert refused == (403, "Forbidden: bot can't initiate conversation with a user")
    await li.sends("/start")
    assert (await call("sendMessage", chat_id=3003, text="甲"))["text"] == "甲"
    await li.blocks()
    blocked = (403, "Forbidden: bot was blocked by the user")
    assert await call("sendMessage", chat_id=3003, text="甲") == blocked
    await li.unblocks()
    assert (await call("sendMessage", chat_id=3003, text="甲"))["text"] == "甲"
    await li.leaves()
    assert await call("sendMessage", chat_id=3003, text="甲") == (403, "Forbidden: user is deactivated")
    updates = await call("getUpdates")
    states = [
        (update["my_chat_member"]["old_chat_member"]["status"], update["my_chat_member"]["new_chat_member"]["status"])
        for update in updates
        if "my_chat_member" in update
    ]
    assert states == [("member", "kicked"), ("kicked", "member")]
