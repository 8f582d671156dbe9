"""The Bot API's methods by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from bot.rehearsal import editing, sending
from bot.rehearsal.errors import bad_request
from bot.rehearsal.files import MAX_DOWNLOAD
from bot.rehearsal.state import Json, World
from bot.rehearsal.wire import Parameters

Method = Callable[[World, Parameters], Awaitable[Any]]


async def get_me(world: World, _given: Parameters) -> Json:
    """getMe."""
    return {
        **world.bot,
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


async def get_chat(world: World, given: Parameters) -> Json:
    """getChat: a ChatFullInfo with what it must have."""
    chat = world.chat(given.raw("chat_id"))
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    pinned = chat.messages.get(chat.pinned[-1]) if chat.pinned else None
    return {
        **chat.about,
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
        **({"pinned_message": pinned} if pinned else {}),
    }


async def get_file(world: World, given: Parameters) -> Json:
    """getFile: up to 20 MB."""
    stored = world.files.get(given.text("file_id"))
    if len(stored.content) > MAX_DOWNLOAD:
        raise bad_request("file is too big")
    return {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_size": len(stored.content),
        "file_path": stored.path,
    }


async def set_my_commands(world: World, given: Parameters) -> bool:
    """setMyCommands."""
    world.profile.set_commands(given.structure("commands"), given.structure("scope"), given.text("language_code"))
    _tell_commands(world)
    return True


async def delete_my_commands(world: World, given: Parameters) -> bool:
    """deleteMyCommands."""
    world.profile.set_commands([], given.structure("scope"), given.text("language_code"))
    _tell_commands(world)
    return True


async def get_my_commands(world: World, given: Parameters) -> Any:
    """getMyCommands."""
    return world.profile.commands(given.structure("scope"), given.text("language_code"))


async def set_chat_menu_button(world: World, given: Parameters) -> bool:
    """setChatMenuButton: of one chat, or of all."""
    button = given.structure("menu_button") or {"type": "default"}
    if button.get("type") not in {"commands", "default", "web_app"}:
        raise bad_request("can't parse MenuButton: Unsupported type specified")
    if "chat_id" in given:
        world.chat(given.raw("chat_id")).menu_button = button
    else:
        world.profile.menu_button = button
    return True


async def get_chat_menu_button(world: World, given: Parameters) -> Json:
    """getChatMenuButton."""
    own = world.chat(given.raw("chat_id")).menu_button if "chat_id" in given else None
    return own or world.profile.menu_button


def _setter(what: str) -> Method:
    async def set_text(world: World, given: Parameters) -> bool:
        world.profile.set_text(what, given.text(what), given.text("language_code"))
        return True

    return set_text


def _getter(what: str) -> Method:
    async def get_text(world: World, given: Parameters) -> Json:
        return {what: world.profile.text(what, given.text("language_code"))}

    return get_text


def _tell_commands(world: World) -> None:
    for person in world.people.values():
        commands = world.profile.commands_for(person.id, person.language_code)
        world.listen({"type": "commands", "person": person.id, "commands": commands})


METHODS: dict[str, Method] = {
    "getme": get_me,
    "sendmessage": sending.send_message,
    "sendphoto": sending.send_photo,
    "senddocument": sending.send_document,
    "sendmediagroup": sending.send_media_group,
    "sendvenue": sending.send_venue,
    "copymessage": sending.copy_message,
    "sendchataction": sending.send_chat_action,
    "editmessagetext": editing.edit_message_text,
    "editmessagecaption": editing.edit_message_caption,
    "editmessagemedia": editing.edit_message_media,
    "editmessagereplymarkup": editing.edit_message_reply_markup,
    "deletemessage": editing.delete_message,
    "deletemessages": editing.delete_messages,
    "answercallbackquery": editing.answer_callback_query,
    "setmessagereaction": editing.set_message_reaction,
    "pinchatmessage": editing.pin_chat_message,
    "unpinchatmessage": editing.unpin_chat_message,
    "getchat": get_chat,
    "getfile": get_file,
    "setmycommands": set_my_commands,
    "getmycommands": get_my_commands,
    "deletemycommands": delete_my_commands,
    "setchatmenubutton": set_chat_menu_button,
    "getchatmenubutton": get_chat_menu_button,
    "setmyname": _setter("name"),
    "getmyname": _getter("name"),
    "setmydescription": _setter("description"),
    "getmydescription": _getter("description"),
    "setmyshortdescription": _setter("short_description"),
    "getmyshortdescription": _getter("short_description"),
}
"""By lower-case name: the real server does not mind the case either. Updates and webhooks are in telegram.py."""
