"""What the played Bot API refuses, and how it says so."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818 - an answer to the bot, not a failure of this program
    """An answer with `"ok": false`.

    `code` is the HTTP status and `error_code`, `description` the sentence Telegram gives, `retry_after` in seconds.
    """

    def __init__(self, code: int, description: str, *, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after


def bad_request(sentence: str) -> Refusal:
    """The 400 that most refusals are."""
    return Refusal(400, f"Bad Request: {sentence}")


def too_many(seconds: int) -> Refusal:
    """The 429 of somebody who writes too fast; `seconds` is how long to keep still."""
    return Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
