"""The methods by which a bot changes or deletes what is in a chat, and answers presses."""

from __future__ import annotations

from typing import Any

from bot.rehearsal.errors import bad_request
from bot.rehearsal.keyboards import inline_keyboard
from bot.rehearsal.sending import caption_content, input_media, text_content
from bot.rehearsal.state import PRESS_ANSWERED_WITHIN, Chat, Json, World
from bot.rehearsal.wire import Parameters

_DELETABLE = 48 * 3600
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content "
    "and reply markup of the message"
)
_CAPTION = ("caption", "caption_entities", "show_caption_above_media")
_CONTENT = ("text", "entities", "link_preview_options", "photo", "document", *_CAPTION)
_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
_LONGEST_TOAST = 200


async def edit_message_text(world: World, given: Parameters) -> Json:
    """editMessageText: without reply_markup the inline keyboard goes away."""
    chat, message = _own_message(world, given)
    content = text_content(given)
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    if "link_preview_options" in given:
        content["link_preview_options"] = given.structure("link_preview_options")
    return _replace(world, chat, message, _CONTENT, content, given)


async def edit_message_caption(world: World, given: Parameters) -> Json:
    """editMessageCaption."""
    chat, message = _own_message(world, given)
    if "photo" not in message and "document" not in message:
        raise bad_request("there is no caption in the message to edit")
    return _replace(world, chat, message, _CAPTION, caption_content(given), given)


async def edit_message_media(world: World, given: Parameters) -> Json:
    """editMessageMedia: another picture or document, also in the place of a text."""
    chat, message = _own_message(world, given)
    content = await input_media(world, given.structure("media"), given)
    return _replace(world, chat, message, _CONTENT, content, given)


async def edit_message_reply_markup(world: World, given: Parameters) -> Json:
    """editMessageReplyMarkup."""
    chat, message = _own_message(world, given)
    return _replace(world, chat, message, (), {}, given)


async def delete_message(world: World, given: Parameters) -> bool:
    """deleteMessage: the bot's own and people's messages, for 48 hours."""
    chat = world.chat(given.raw("chat_id"))
    message = chat.messages.get(given.integer("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    if not _is_deletable(world, message):
        raise bad_request("message can't be deleted for everyone")
    return world.remove(chat, message["message_id"])


async def delete_messages(world: World, given: Parameters) -> bool:
    """deleteMessages: 1 to 100; those that are not there are passed over."""
    chat = world.chat(given.raw("chat_id"))
    numbers = given.structure("message_ids")
    if not isinstance(numbers, list) or not 1 <= len(numbers) <= 100:
        raise bad_request("message identifiers are not specified" if not numbers else "too many message identifiers")
    for number in numbers:
        message = chat.messages.get(int(number))
        if message is not None and _is_deletable(world, message):
            world.remove(chat, message["message_id"])
    return True


async def answer_callback_query(world: World, given: Parameters) -> bool:
    """answerCallbackQuery: once for each press, and only for a while."""
    query_id = given.text("callback_query_id")
    text, url = given.text("text"), given.text("url")
    if len(text) > _LONGEST_TOAST:
        raise bad_request("MESSAGE_TOO_LONG")
    if url and not url.startswith(("tg://", f"https://t.me/{world.bot['username']}", f"t.me/{world.bot['username']}")):
        raise bad_request("URL_INVALID")
    press = world.presses.pop(query_id, None)
    if press is None or world.clock() - press.at > PRESS_ANSWERED_WITHIN:
        raise bad_request(_TOO_OLD)
    press.text, press.alert, press.url = text, given.flag("show_alert"), url or None
    press.answered.set()
    world.listen(
        {
            "type": "toast", "person": press.person_id, "query_id": query_id, "message_id": press.message_id,
            "text": text, "alert": press.alert, "url": press.url,
        }
    )  # fmt: skip
    return True


async def set_message_reaction(world: World, given: Parameters) -> bool:
    """setMessageReaction: kept in the chat's `reactions`."""
    chat = world.chat(given.raw("chat_id"))
    message_id = given.integer("message_id")
    if message_id not in chat.messages:
        raise bad_request("message to react not found")
    reaction = given.structure("reaction") or []
    if len(reaction) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    chat.reactions[message_id] = reaction
    chat.wake()
    return True


async def pin_chat_message(world: World, given: Parameters) -> bool:
    """pinChatMessage: kept in the chat's `pinned`, the newest pin last."""
    chat = world.chat(given.raw("chat_id"))
    message_id = given.integer("message_id")
    if message_id not in chat.messages:
        raise bad_request("message to pin not found")
    chat.pinned = [*(number for number in chat.pinned if number != message_id), message_id]
    return True


async def unpin_chat_message(world: World, given: Parameters) -> bool:
    """unpinChatMessage: the one named, else the newest."""
    chat = world.chat(given.raw("chat_id"))
    message_id = given.integer("message_id", chat.pinned[-1] if chat.pinned else 0)
    if message_id not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(message_id)
    return True


def _is_deletable(world: World, message: Json) -> bool:
    return bool(world.clock() - message["date"] <= _DELETABLE)


def _own_message(world: World, given: Parameters) -> tuple[Chat, Json]:
    """The message of the bot's that is to be edited."""
    if "chat_id" not in given:
        raise bad_request("message identifier is not specified")
    chat = world.chat(given.raw("chat_id"))
    message = chat.messages.get(given.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if not message["from"]["is_bot"] or message["message_id"] in chat.frozen:
        raise bad_request("message can't be edited")
    return chat, message


def _replace(
    world: World, chat: Chat, message: Json, fields: tuple[str, ...], content: Json, given: Parameters
) -> Json:
    """Puts `content` in the place of those `fields` and the keyboard of the call in the place of the keyboard."""
    inline = inline_keyboard(given.structure("reply_markup"))
    gone = {*fields, "reply_markup"}
    edited: dict[str, Any] = {name: value for name, value in message.items() if name not in gone} | content
    if inline:
        edited["reply_markup"] = inline
    if all(edited.get(name) == message.get(name) for name in (*fields, "reply_markup")):
        raise bad_request(_NOT_MODIFIED)
    world.spend(chat, bulk=False)
    edited["edit_date"] = int(world.clock())
    return world.show(chat, edited)
