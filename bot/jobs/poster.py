"""The poster of a plan: an A4 sheet to hang up, with a large QR code that opens the plan in the chat.

What stands on it comes from the caller. `make_poster` is for the worker process (`Worker.run`): it loads fpdf2 there,
and the bot itself does without.
"""

import importlib
import re
from dataclasses import dataclass
from typing import cast

from flows.model import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do: a word or two, and a sentence."""

    title: str  # 扫码
    text: str  # 用手机扫描二维码，打开“安居”


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster:
    """All words of a poster. What is empty is left out; long ones are set smaller and on more lines.

    `issued_at` is UTC in milliseconds and goes into the file's properties only. Line breaks in `dates` are kept.
    """

    language: str  # "zh" or "en"
    link: str  # as `plan_link` makes it
    headline: str  # 公共租赁住房配租登记
    plan: str  # the plan's name
    dates_label: str  # 登记时间
    dates: str  # 2026年11月24日 09:00 至 11月30日 17:00
    scan: str  # 扫码登记
    link_label: str  # 或者在 Telegram 中打开
    steps: tuple[Step, ...]  # three have the best room, at most four
    hotline_label: str  # 咨询电话
    hotline: str
    hours: str  # 工作日 09:00–17:00
    issuer: str  # at the foot
    issued_at: Moment

    def __post_init__(self) -> None:
        """Raises ValueError if there are too many steps."""
        if len(self.steps) > 4:
            raise ValueError("at most four steps")


def plan_link(bot: str, code: str) -> str:
    """Return the link that opens a plan in the chat with the bot of a user name (without @).

    Raises ValueError where Telegram would not take it: user names are 5 to 32 letters, digits and `_`; codes of plans
    1 to 16 letters and digits.
    """
    if not re.fullmatch(r"[A-Za-z0-9_]{5,32}", bot) or not re.fullmatch(r"[A-Za-z0-9]{1,16}", code):
        raise ValueError("no user name of a bot, or no code of a plan")
    return f"https://t.me/{bot}?start=plan_{code}"


def make_poster(poster: Poster) -> bytes:
    """Make the PDF of a poster, one page of A4. The same poster and fonts give the same bytes.

    Raises FontsMissingError if the fonts are not set up, ValueError if the link is too long for a QR code of a size to
    be read from a few steps away (120 characters are not), or `issued_at` is no time of the calendar.
    """
    return cast("bytes", importlib.import_module("bot.jobs.poster_pdf").draw(poster))
