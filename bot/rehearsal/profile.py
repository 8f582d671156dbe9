"""What the bot says about itself: its commands, names and descriptions, by language and scope."""

from __future__ import annotations

import re
from typing import Any

from bot.rehearsal.errors import bad_request

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_SCOPES = frozenset(
    {
        "default",
        "all_private_chats",
        "all_group_chats",
        "all_chat_administrators",
        "chat",
        "chat_administrators",
        "chat_member",
    }
)
_LONGEST = {"name": 64, "short_description": 120, "description": 512}

Command = dict[str, str]
_Key = tuple[str, int, str]


class Profile:
    """The bot's own settings."""

    def __init__(self, name: str) -> None:
        self._commands: dict[_Key, list[Command]] = {}
        self._texts: dict[tuple[str, str], str] = {("name", ""): name}
        self.menu_button: dict[str, Any] = {"type": "commands"}

    def set_commands(self, commands: Any, scope: Any, language: str) -> None:
        """setMyCommands; Refusal for wrong names, descriptions, or more than 100."""
        if not isinstance(commands, list) or len(commands) > 100:
            raise bad_request(
                "BOT_COMMANDS_TOO_MUCH" if isinstance(commands, list) else "expected an Array of BotCommand"
            )
        made: list[Command] = []
        for given in commands:
            name, description = str(given.get("command", "")).lstrip("/"), str(given.get("description", ""))
            if not _COMMAND.fullmatch(name):
                raise bad_request("BOT_COMMAND_INVALID")
            if not 1 <= len(description) <= 256:
                raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
            made.append({"command": name, "description": description})
        key = _key(scope, language)
        if made:
            self._commands[key] = made
        else:
            self._commands.pop(key, None)

    def commands(self, scope: Any, language: str) -> list[Command]:
        """getMyCommands: exactly those of this scope and language."""
        return self._commands.get(_key(scope, language), [])

    def commands_for(self, chat_id: int, language_code: str) -> list[Command]:
        """The menu one person sees: the chat's own before that of private chats before the default, each in the
        person's language before the one for all."""
        language = language_code.partition("-")[0]
        for kind, chat in (("chat", chat_id), ("all_private_chats", 0), ("default", 0)):
            for spoken in (language, ""):
                found = self._commands.get((kind, chat, spoken))
                if found:
                    return found
        return []

    def set_text(self, what: str, text: str, language: str) -> None:
        """setMyName, setMyDescription, setMyShortDescription; an empty text takes the language's own away."""
        if len(text) > _LONGEST[what]:
            raise bad_request(f"{what.replace('_', ' ')} is too long")
        if text:
            self._texts[what, language] = text
        elif language or what != "name":
            self._texts.pop((what, language), None)

    def text(self, what: str, language: str) -> str:
        """The name, description or short_description in that language, else the one for all."""
        return self._texts.get((what, language), self._texts.get((what, ""), ""))


def _key(scope: Any, language: str) -> _Key:
    given = scope if isinstance(scope, dict) else {}
    kind = str(given.get("type", "default"))
    if kind not in _SCOPES:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    return kind, int(given.get("chat_id", 0)), language
