"""All flows, and what the commands do."""

from __future__ import annotations

import re

from flows.applicant.account import ME
from flows.applicant.application import APPLICATION
from flows.applicant.home import HELP, HOME, LANGUAGE, PRIVACY
from flows.applicant.links import read_link
from flows.applicant.onboarding import SIGN_UP
from flows.applicant.plans import PLANS
from flows.applicant.projects import PROJECTS
from flows.applicant.real_name import REAL_NAME
from flows.applicant.records import RECORDS
from flows.applicant.registration import REGISTER
from flows.engine.fire import Book, CommandHandler
from flows.engine.turn import Turn
from flows.staff.desk import clerk
from flows.staff.people import accept
from flows.staff.rooms import DESK_FLOWS


def _start(turn: Turn, argument: str) -> None:
    """Home, or where a deep link points. A link that leads nowhere is still a friendly start."""
    if link := read_link(argument):
        turn.start_over("plans", **link)
    elif invitation := re.fullmatch(r"staff_([A-Za-z0-9]{32})", argument):
        accept(turn, invitation[1])
    elif argument == "records":
        turn.start_over("records")
    else:
        turn.start_over()


def _cancel(turn: Turn, _: str) -> None:
    """Leaves the flow that talks; everything answered stays."""
    turn.notice("left" if len(turn.session.frames) > 1 else "nothing_to_leave")
    turn.close("left")


def _goes_to(flow: str) -> CommandHandler:
    """To a room of its own, leaving what was open."""

    def go(turn: Turn, _: str) -> None:
        turn.start_over(flow)

    return go


def _looks_into(flow: str) -> CommandHandler:
    """To a page beside the conversation, which goes on afterwards where it was."""

    def look(turn: Turn, _: str) -> None:
        if turn.frame.flow != flow:
            turn.open(flow)

    return look


def _staff(turn: Turn, _: str) -> None:
    """To whoever does not work here it is no command at all."""
    if clerk(turn) is None:
        turn.error("unknown_command")
    else:
        turn.start_over("desk")


BOOK = Book(
    (
        *(HOME, HELP, PRIVACY, LANGUAGE, PLANS, PROJECTS, SIGN_UP, REAL_NAME, APPLICATION, REGISTER, RECORDS, ME),
        *DESK_FLOWS,
    ),
    home="home",
    commands={
        "start": _start,
        "cancel": _cancel,
        "plans": _goes_to("plans"),
        "records": _goes_to("records"),
        "me": _goes_to("me"),
        "staff": _staff,
        "help": _looks_into("help"),
        "privacy": _looks_into("privacy"),
        "language": _looks_into("language"),
    },
)
