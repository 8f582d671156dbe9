"""Keyboards as a bot gives them: checked, and brought into the form that messages carry."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from bot.rehearsal.errors import bad_request

Json = dict[str, Any]
_STYLES = frozenset({"primary", "success", "danger"})
_ACTIONS = (
    "url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay",
)  # fmt: skip
_KEY_FIELDS = (
    "text", "style", "icon_custom_emoji_id", "request_users", "request_chat", "request_contact", "request_location",
    "request_poll", "web_app",
)  # fmt: skip
_KEYBOARD_FIELDS = ("is_persistent", "resize_keyboard", "one_time_keyboard", "input_field_placeholder", "selective")
_MOST_BUTTONS = 100


def inline_keyboard(markup: Any) -> Json | None:
    """The inline keyboard of a reply_markup, None if it is absent, empty or of another kind.

    Refusal for data beyond 64 bytes, more than 100 buttons, unknown styles, and buttons that do nothing.
    """
    if not isinstance(markup, dict) or "inline_keyboard" not in markup:
        return None
    rows = [[_inline_button(button) for button in row] for row in _rows(markup["inline_keyboard"])]
    rows = [row for row in rows if row]
    if sum(map(len, rows)) > _MOST_BUTTONS:
        raise bad_request("reply markup is too long")
    return {"inline_keyboard": rows} if rows else None


def reply_keyboard(markup: Any) -> tuple[bool, Json | None]:
    """Whether a reply_markup is about the reply keyboard, and the keyboard it shows (None: it removes it)."""
    if not isinstance(markup, dict):
        return False, None
    if markup.get("remove_keyboard"):
        return True, None
    if markup.get("force_reply"):
        return True, {"force_reply": True, **_kept(markup, ("input_field_placeholder", "selective"))}
    if "keyboard" not in markup:
        return False, None
    rows = [[_key(key) for key in row] for row in _rows(markup["keyboard"])]
    rows = [row for row in rows if row]
    if not rows:
        raise bad_request("reply keyboard is empty")
    return True, {"keyboard": rows, **_kept(markup, _KEYBOARD_FIELDS)}


def _rows(given: Any) -> list[list[Any]]:
    if not isinstance(given, list) or not all(isinstance(row, list) for row in given):
        raise bad_request("can't parse keyboard: Field must be an Array of Arrays of buttons")
    return given


def _kept(given: Json, fields: tuple[str, ...]) -> Json:
    return {name: given[name] for name in fields if given.get(name) not in (None, "", False)}


def _label(button: Any) -> str:
    text = button.get("text") if isinstance(button, dict) else button
    if not isinstance(text, str) or not text.strip():
        raise bad_request('can\'t parse keyboard button: Field "text" must be a non-empty String')
    _check_style(button)
    return text


def _check_style(button: Any) -> None:
    if isinstance(button, dict) and button.get("style", "") not in {"", None, *_STYLES}:
        raise bad_request("can't parse keyboard button: invalid button style specified")


def _inline_button(button: Any) -> Json:
    text = _label(button)
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: expected an Object")
    actions = [name for name in _ACTIONS if button.get(name) is not None]
    if len(actions) != 1:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    action = actions[0]
    value = button[action]
    if action == "callback_data" and not 1 <= len(str(value).encode()) <= 64:
        raise bad_request("BUTTON_DATA_INVALID")
    if action == "url":
        _check_url(str(value))
    if action == "copy_text" and not 1 <= len(str(value.get("text", "") if isinstance(value, dict) else "")) <= 256:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")
    return {"text": text, action: value, **_kept(button, ("style", "icon_custom_emoji_id"))}


def _check_url(url: str) -> None:
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme == "tg":
        return
    # Telegram takes no address without a dot (localhost) for a link.
    if parts.scheme not in {"http", "https"} or "." not in (parts.hostname or ""):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def _key(key: Any) -> Json:
    text = _label(key)
    return {**_kept(key, _KEY_FIELDS), "text": text} if isinstance(key, dict) else {"text": text}
