"""工作人员: who works here, inviting by a link, roles, leaving. There is always an administrator."""

from __future__ import annotations

import string

from flows.effects import Button, Say, SetMenu, Style
from flows.engine.fields import FullName, Invalid
from flows.engine.flow import OPENING, PASSED, TEXT_SENT, Guard, State, Transition, View
from flows.engine.lists import page_of, turns_page
from flows.engine.turn import Turn
from flows.staff.desk import DeskFlow, clerk, closes, note
from flows.staff.model import INVITATION_LIFE, Act, Duty, Role, Staff

TOKEN_LENGTH = 32  # of 62 letters: 190 bits; the payload of a deep link may have 64 characters
TOKEN_LETTERS = string.ascii_letters + string.digits
MEMBERS = 6  # a page, so that the ways to invite and back have room


def _member(turn: Turn) -> Staff | None:
    return turn.repository.staff(int(turn.data.get("member", "0")))


def _is_member(turn: Turn) -> bool:
    return turn.repository.staff(int(turn.argument)) is not None


def _choose_member(turn: Turn) -> None:
    turn.data["member"] = turn.argument


def _is_last_admin(turn: Turn) -> bool:
    member = _member(turn)
    return member is not None and member.role is Role.ADMIN and turn.repository.admins() == 1


def _refuse_last(turn: Turn) -> None:
    turn.error("last_admin")


def _change_role(turn: Turn) -> None:
    member = _member(turn)
    role = Role(turn.argument)
    if member is None or member.role is role:
        return
    turn.repository.change_role(member.telegram_id, role)
    note(turn, Act.ROLE_CHANGED, f"staff:{member.telegram_id}", {"role": member.role}, {"role": role})
    turn.notice("role_changed", name=member.name, number=member.telegram_id, role=role)
    if member.telegram_id != turn.chat_id:
        turn.do(Say("role_changed", {"role": role}, member.telegram_id))


def _remove(turn: Turn) -> None:
    member = _member(turn)
    if member is None:
        return
    turn.repository.remove_staff(member.telegram_id, turn.at)
    note(turn, Act.REMOVED, f"staff:{member.telegram_id}", {"role": member.role})
    turn.do(SetMenu(member.telegram_id, staff=False))
    turn.notice("removed", name=member.name, number=member.telegram_id)
    if member.telegram_id != turn.chat_id:
        turn.do(Say("removed", chat_id=member.telegram_id))


def _has_lost_the_room(turn: Turn) -> bool:
    """Whoever removed or lowered themselves has no business here any more."""
    somebody = clerk(turn)
    return somebody is None or somebody.role is not Role.ADMIN


def _lead_out(turn: Turn) -> None:
    if _has_lost_the_room(turn):
        turn.start_over("" if clerk(turn) is None else "desk")


# --- inviting --------------------------------------------------------------------------------------------------------


def _typed_name(turn: Turn) -> str | Invalid:
    try:
        return FullName().parse(turn.text, {})
    except Invalid as wrong:
        return wrong


def _has_name(turn: Turn) -> bool:
    return isinstance(_typed_name(turn), str)


def _keep_name(turn: Turn) -> None:
    turn.data["name"] = str(_typed_name(turn))


def _complain(turn: Turn) -> None:
    wrong = _typed_name(turn)
    if isinstance(wrong, Invalid):
        turn.error(wrong.key, question="real_name", **wrong.values_)


def _invite(turn: Turn) -> None:
    role, name = Role(turn.argument), turn.data["name"]
    token = turn.chance.letters(TOKEN_LENGTH, TOKEN_LETTERS)
    expires_at = turn.at + INVITATION_LIFE
    invitation = turn.repository.add_invitation(token, role, name, turn.chat_id, expires_at)
    note(turn, Act.INVITED, f"invitation:{invitation}", None, {"role": role})
    turn.data.update(token=token, role=role.value, expires=str(expires_at))


def _forget_invitation(turn: Turn) -> None:
    for key in ("name", "role", "token", "expires"):
        turn.data.pop(key, None)


def accept(turn: Turn, token: str) -> None:
    """A link that was followed. Whoever works here already leaves it for the one it is meant for."""
    if clerk(turn) is not None:
        turn.start_over("desk")
        turn.notice("already_staff")
        return
    invitation = turn.repository.take_invitation(token, turn.at)
    inviter = turn.repository.staff(invitation.invited_by) if invitation else None
    turn.start_over()
    if invitation is None or inviter is None or inviter.role is not Role.ADMIN:
        turn.error("invitation_over")
        return
    turn.repository.add_staff(turn.chat_id, invitation.role, invitation.name, invitation.invited_by, turn.at)
    note(turn, Act.JOINED, f"staff:{turn.chat_id}", {"invitation": invitation.id}, {"role": invitation.role})
    turn.start_over("desk")
    turn.notice("joined", name=invitation.name, role=invitation.role)
    turn.do(Say("staff_joined", {"name": invitation.name, "role": invitation.role}, inviter.telegram_id))


# --- screens ---------------------------------------------------------------------------------------------------------


def _view_list(turn: Turn) -> View:
    page = page_of(turn, turn.repository.all_staff(), size=MEMBERS)
    rows = [(Button("member", str(one.telegram_id), values={"member": one, "role": one.role}),) for one in page.items]
    return View({"page": page}, ((Button("invite", style=Style.PRIMARY),), *rows, page.buttons))


def _view_member(turn: Turn) -> View:
    member = _member(turn)
    if member is None:
        return View({"member": None}, ((Button("back"),),))
    values = {
        "member": member,
        "role": member.role,
        "added_by": turn.repository.staff_name(member.added_by),
    }
    return View(values, ((Button("change_role"),), (Button("remove"),), (Button("back"),)))


def _view_choose_role(turn: Turn) -> View:
    member = _member(turn)
    if member is None:
        return View({"member": None}, ((Button("back"),),))
    rows = [(Button("role", role.value, values={"role": role}),) for role in Role if role is not member.role]
    return View({"member": member, "role": member.role}, (*rows, (Button("back"),)))


def _view_confirm_removal(turn: Turn) -> View:
    member = _member(turn)
    if member is None:
        return View({"member": None}, ((Button("back"),),))
    values = {"member": member, "role": member.role, "oneself": member.telegram_id == turn.chat_id}
    return View(values, ((Button("confirm_removal", style=Style.DANGER),), (Button("back"),)))


def _view_ask_name(_: Turn) -> View:
    return View(rows=((Button("back"),),))


def _view_ask_role(turn: Turn) -> View:
    rows = [(Button("role", role.value, values={"role": role}),) for role in Role]
    return View({"name": turn.data["name"]}, (*rows, (Button("back"),)))


def _view_invited(turn: Turn) -> View:
    values = {
        "name": turn.data["name"],
        "role": Role(turn.data["role"]),
        "token": turn.data["token"],
        "expires_at": int(turn.data["expires"]),
    }
    return View(values, ((Button("back"),),))


_STAYS: list[Guard] = [_is_last_admin]

PEOPLE = DeskFlow(
    "people",
    Duty.PEOPLE,
    [
        State("list", _view_list),
        State("member", _view_member),
        State("choose_role", _view_choose_role),
        State("confirm_removal", _view_confirm_removal),
        State("ask_name", _view_ask_name),
        State("ask_role", _view_ask_role),
        State("invited", _view_invited),
    ],
    [
        Transition(OPENING, PASSED, "list"),
        Transition("list", "invite", "ask_name"),
        Transition("list", "member", "member", when=[_is_member], do=[_choose_member]),
        Transition("list", "page", None, do=[turns_page]),
        Transition("list", "back", None, do=[closes()]),
        Transition("member", "change_role", None, when=_STAYS, do=[_refuse_last]),
        Transition("member", "change_role", "choose_role"),
        Transition("member", "remove", None, when=_STAYS, do=[_refuse_last]),
        Transition("member", "remove", "confirm_removal"),
        Transition("member", "back", "list"),
        Transition("choose_role", "role", "member", when=_STAYS, do=[_refuse_last]),
        Transition("choose_role", "role", "member", do=[_change_role, _lead_out]),
        Transition("choose_role", "back", "member"),
        Transition("confirm_removal", "confirm_removal", "member", when=_STAYS, do=[_refuse_last]),
        Transition("confirm_removal", "confirm_removal", "list", do=[_remove, _lead_out]),
        Transition("confirm_removal", "back", "member"),
        Transition("ask_name", TEXT_SENT, "ask_role", when=[_has_name], do=[_keep_name]),
        Transition("ask_name", TEXT_SENT, None, do=[_complain]),
        Transition("ask_name", "back", "list"),
        Transition("ask_role", "role", "invited", do=[_invite]),
        Transition("ask_role", "back", "ask_name", do=[_forget_invitation]),
        Transition("invited", "back", "list", do=[_forget_invitation]),
    ],
)
