"""What a person does with their phone, and the update that the bot gets of it.

Everything here happens at once: when a function returns, the update is queued.
"""

from __future__ import annotations

import asyncio
from typing import Any

from bot.rehearsal import formatting
from bot.rehearsal.state import Chat, Json, Person, Press, World

_AS_CAPTION = {"text": "caption", "entities": "caption_entities"}


def write(world: World, person: Person, fields: Json) -> Json:
    """Sends any kind of message: `fields` are its content as in the Bot API's Message. Returns it."""
    chat = _act(world, person)
    if chat.blocked:
        unblock(world, person)  # Telegram's apps show no text field before the bot is started anew
    chat.started = True
    message = {
        "message_id": world.next_message_id(),
        "from": person.user(),
        "chat": chat.about,
        "date": int(world.clock()),
        **fields,
    }
    world.show(chat, message)
    world.updates.add("message", {"message": message}, ("chat", person.id))
    return message


def text_fields(text: str) -> Json:
    """`text` with the commands and links that Telegram marks in it."""
    plain, entities = formatting.finish(formatting.clean(text), [])
    return {"text": plain, "entities": entities} if entities else {"text": plain}


def edit(world: World, person: Person, message_id: int, text: str) -> Json:
    """Edits a message of the person's own; AssertionError if there is none."""
    chat = _act(world, person)
    old = chat.messages.get(message_id)
    if old is None or old["from"]["is_bot"]:
        raise AssertionError(f"{person.first_name} has no message {message_id} to edit")
    gone = {"text", "entities", "caption", "caption_entities"}
    fields = text_fields(text)
    if "text" not in old:
        fields = {_AS_CAPTION[name]: value for name, value in fields.items()}
    message = {**{key: old[key] for key in old if key not in gone}, **fields, "edit_date": int(world.clock())}
    world.show(chat, message)
    world.updates.add("edited_message", {"edited_message": message}, ("chat", person.id))
    return message


def press(world: World, person: Person, message_id: int, data: str) -> Press:
    """Presses a button that carries `data`, whether the message has one, ever had one, or is there at all."""
    chat = _act(world, person)
    message = chat.messages.get(message_id) or {"chat": chat.about, "message_id": message_id, "date": 0}
    query_id = world.next_number()
    pressed = world.presses[query_id] = Press(person.id, message_id, world.clock(), asyncio.Event())
    query = {
        "id": query_id, "from": person.user(), "message": message, "chat_instance": str(person.id * 7919), "data": data,
    }  # fmt: skip
    world.updates.add("callback_query", {"callback_query": query}, ("press", person.id))
    return pressed


def contact_fields(person: Person) -> Json:
    """The person's own contact as their phone shares it: the number comes without its `+`."""
    names = {key: value for key, value in person.names().items() if key != "username"}
    return {"contact": {"phone_number": person.phone.lstrip("+"), **names, "user_id": person.id}}


def use_key(world: World, person: Person, key: Json) -> Json:
    """Taps a button of the reply keyboard."""
    chat = world.chats[person.id]
    keyboard, source = chat.keyboard or {}, chat.messages.get(chat.keyboard_message)
    fields = text_fields(key["text"])
    if key.get("request_contact"):
        fields = contact_fields(person)
    elif key.get("request_location"):
        fields = {"location": {"latitude": 39.9042, "longitude": 116.4074}}
    if source is not None and "text" not in fields:
        fields["reply_to_message"] = source
    message = write(world, person, fields)
    if keyboard.get("one_time_keyboard"):
        world.set_keyboard(chat, None, 0)
    return message


def delete(world: World, person: Person, message_id: int) -> bool:
    """Deletes a message on both sides; the bot is not told."""
    return world.remove(_act(world, person), message_id)


def block(world: World, person: Person) -> None:
    """Blocks the bot: my_chat_member, and whatever the bot sends is refused from now on."""
    chat = _act(world, person)
    if not chat.blocked:
        chat.blocked = True
        _tell_membership(world, person, "member", "kicked")


def unblock(world: World, person: Person) -> None:
    """Takes the bot back."""
    chat = _act(world, person)
    if chat.blocked:
        chat.blocked = False
        _tell_membership(world, person, "kicked", "member")


def _act(world: World, person: Person) -> Chat:
    """The person's chat, at the beginning of an action of theirs."""
    chat = world.chats[person.id]
    now = world.clock()
    chat.fresh.clear()
    chat.unread = 0
    chat.acted_at = now
    chat.bucket.refill(now)
    return chat


def _tell_membership(world: World, person: Person, before: str, after: str) -> None:
    def member(status: str) -> dict[str, Any]:
        return {"user": world.bot, "status": status, **({"until_date": 0} if status == "kicked" else {})}

    change = {
        "chat": world.chats[person.id].about,
        "from": person.user(),
        "date": int(world.clock()),
        "old_chat_member": member(before),
        "new_chat_member": member(after),
    }
    world.updates.add("my_chat_member", {"my_chat_member": change}, ("chat", person.id))
