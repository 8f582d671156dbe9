"""The methods by which a bot puts something new into a chat."""

from __future__ import annotations

from typing import Any

from bot.rehearsal import formatting
from bot.rehearsal.errors import bad_request
from bot.rehearsal.files import MAX_UPLOAD
from bot.rehearsal.keyboards import inline_keyboard, reply_keyboard
from bot.rehearsal.state import Chat, Json, World
from bot.rehearsal.wire import Parameters

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
_ACTIONS = frozenset(
    {
        "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
        "choose_sticker", "find_location", "record_video_note", "upload_video_note",
    }
)  # fmt: skip
_COPIED = (
    "text", "entities", "caption", "caption_entities", "photo", "document", "venue", "location", "contact",
    "show_caption_above_media", "has_media_spoiler", "link_preview_options",
)  # fmt: skip


async def send_message(world: World, given: Parameters) -> Json:
    """sendMessage."""
    chat = world.chat(given.raw("chat_id"))
    content = text_content(given)
    if "link_preview_options" in given:
        content["link_preview_options"] = given.structure("link_preview_options")
    return _deliver(world, chat, content, given)


async def send_photo(world: World, given: Parameters) -> Json:
    """sendPhoto."""
    chat = world.chat(given.raw("chat_id"))
    content = await media_content(world, "photo", given.text("photo"), "photo", given) | caption_content(given)
    return _deliver(world, chat, content, given)


async def send_document(world: World, given: Parameters) -> Json:
    """sendDocument."""
    chat = world.chat(given.raw("chat_id"))
    content = await media_content(world, "document", given.text("document"), "document", given) | caption_content(given)
    return _deliver(world, chat, content, given)


async def send_media_group(world: World, given: Parameters) -> list[Json]:
    """sendMediaGroup: 2 to 10 pictures, or 2 to 10 documents; an album carries no buttons."""
    chat = world.chat(given.raw("chat_id"))
    media = given.structure("media")
    if not isinstance(media, list) or not 2 <= len(media) <= 10:
        raise bad_request("media group must include 2-10 items")
    if len({item.get("type") == "document" for item in media}) > 1:
        raise bad_request("document can't be mixed with other media types")
    contents = [await input_media(world, item, given) for item in media]
    plain = Parameters({name: given.raw(name) for name in ("reply_parameters", "protect_content")})
    world.spend(chat)
    album = world.next_number()
    return [_put(world, chat, {"media_group_id": album, **content}, plain) for content in contents]


async def send_venue(world: World, given: Parameters) -> Json:
    """sendVenue."""
    chat = world.chat(given.raw("chat_id"))
    latitude, longitude = given.number("latitude"), given.number("longitude")
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise bad_request("wrong latitude or longitude specified")
    if not given.text("title") or not given.text("address"):
        raise bad_request("venue title and address must be non-empty")
    place = {"latitude": latitude, "longitude": longitude}
    venue = {"location": place, "title": given.text("title"), "address": given.text("address")}
    return _deliver(world, chat, {"venue": venue, "location": place}, given)


async def copy_message(world: World, given: Parameters) -> Json:
    """copyMessage: answers a MessageId."""
    chat = world.chat(given.raw("chat_id"))
    source = world.chat(given.raw("from_chat_id")).messages.get(given.integer("message_id"))
    if source is None:
        raise bad_request("message to copy not found")
    content = {name: source[name] for name in _COPIED if name in source}
    if "caption" in given and "text" not in source:
        content = {name: value for name, value in content.items() if not name.startswith("caption")}
        content |= caption_content(given)
    return {"message_id": _deliver(world, chat, content, given)["message_id"]}


async def send_chat_action(world: World, given: Parameters) -> bool:
    """sendChatAction."""
    chat = world.chat(given.raw("chat_id"))
    action = given.text("action")
    if action not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat.wake()
    world.listen({"type": "action", "person": chat.about["id"], "action": action})
    return True


def text_content(given: Parameters) -> Json:
    """`text` and `entities`; Refusal when the text is empty or too long."""
    text, entities = _formatted(given.text("text"), given.text("parse_mode"), given.structure("entities"))
    if not text:
        raise bad_request("message text is empty")
    if len(text) > LONGEST_TEXT:
        raise bad_request("message is too long")
    return {"text": text, "entities": entities} if entities else {"text": text}


def caption_content(given: Parameters) -> Json:
    """`caption` and what belongs to it; nothing when there is none."""
    if "caption" not in given:
        return {}
    text, entities = _formatted(given.text("caption"), given.text("parse_mode"), given.structure("caption_entities"))
    if len(text) > LONGEST_CAPTION:
        raise bad_request("message caption is too long")
    content: Json = {"caption": text} if text else {}
    if entities:
        content["caption_entities"] = entities
    if text and given.flag("show_caption_above_media"):
        content["show_caption_above_media"] = True
    return content


async def media_content(world: World, kind: str, reference: str, field: str, given: Parameters) -> Json:
    """`photo` or `document` of a message: uploaded under `field` or attach://, or a file_id that is known."""
    upload = given.uploads.get(reference.removeprefix("attach://") if reference.startswith("attach://") else field)
    if upload is not None and (not reference or reference.startswith("attach://")):
        if not upload.content:
            raise bad_request("file must be non-empty")
        if len(upload.content) > MAX_UPLOAD:
            raise bad_request("file is too big")
        if kind == "photo":
            return {"photo": await world.files.add_photo(upload.content)}
        return {"document": world.files.add(upload.content, upload.name, upload.mime)}
    if not reference or reference.startswith("attach://"):
        raise bad_request(f"there is no {kind} in the request")
    if reference.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    stored = world.files.find(reference)
    if stored is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if stored.kind != kind:
        raise bad_request(f"can't use file of type {stored.kind.capitalize()} as {kind.capitalize()}")
    return {kind: stored.media}


async def input_media(world: World, item: Any, given: Parameters) -> Json:
    """The content an InputMediaPhoto or InputMediaDocument stands for."""
    if not isinstance(item, dict) or item.get("type") not in {"photo", "document"}:
        raise bad_request("can't parse InputMedia: only photos and documents are played here")
    own = Parameters(item, given.uploads)
    return await media_content(world, item["type"], own.text("media"), "", own) | caption_content(own)


def _formatted(text: str, parse_mode: str, entities: Any) -> tuple[str, list[Json]]:
    mode = parse_mode.lower()
    if mode == "html":
        return formatting.finish(*formatting.read_html(text))
    if mode and mode != "none":
        raise bad_request("unsupported parse_mode")
    return formatting.finish(formatting.clean(text), list(entities or []))


def _deliver(world: World, chat: Chat, content: Json, given: Parameters) -> Json:
    """Sends one message, with the keyboard and the reply that the call asks for."""
    markup = given.structure("reply_markup")
    about_keyboard, keyboard = reply_keyboard(markup)
    inline = inline_keyboard(markup)
    world.spend(chat)
    message = _put(world, chat, {**content, "reply_markup": inline} if inline else content, given)
    if about_keyboard:
        chat.frozen.add(message["message_id"])
        world.set_keyboard(chat, keyboard, message["message_id"])
    return message


def _put(world: World, chat: Chat, content: Json, given: Parameters) -> Json:
    message: Json = {
        "message_id": world.next_message_id(),
        "from": world.bot,
        "chat": chat.about,
        "date": int(world.clock()),
    }
    reply = given.structure("reply_parameters")
    if isinstance(reply, dict):
        replied = chat.messages.get(int(reply.get("message_id", 0)))
        if replied is not None:
            message["reply_to_message"] = {key: replied[key] for key in replied if key != "reply_to_message"}
        elif not reply.get("allow_sending_without_reply"):
            raise bad_request("message to be replied not found")
    if given.flag("protect_content"):
        message["has_protected_content"] = True
    message.update(content)
    return world.show(chat, message)
