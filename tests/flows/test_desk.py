"""The desk: who may come in, inviting, roles, leaving, the log, and doors that close behind whoever is removed."""

from __future__ import annotations

import pytest

from flows.effects import Say, SetMenu
from flows.events import Follow, Press
from flows.staff.model import INVITATION_LIFE, SYSTEM, Act, Entry, Role
from tests.flows.stage import Chat, Stage
from tests.flows.town import NAME

ADMIN, EDITOR, NEW = 11, 12, 13


@pytest.fixture
def admin(stage: Stage) -> Chat:
    stage.repository.add_staff(ADMIN, Role.ADMIN, "张晓敏", SYSTEM, stage.now)
    return stage.chat(ADMIN)


@pytest.fixture
def editor(stage: Stage, admin: Chat) -> Chat:
    stage.repository.add_staff(EDITOR, Role.EDITOR, "李雷", ADMIN, stage.now)
    return stage.chat(EDITOR)


def enters(chat: Chat, room: str) -> Chat:
    chat.commands("staff")
    chat.taps(room)
    return chat


def invites(admin: Chat, name: str = NAME, role: Role = Role.EDITOR) -> str:
    """The token of a new invitation."""
    enters(admin, "people")
    admin.taps("invite")
    admin.says(name)
    admin.taps("role", role)
    assert admin.at == "people/invited"
    return admin.data["token"]


def newest(stage: Stage) -> Entry:
    return stage.repository.log_page("", 0, 1)[0]


def role_of(stage: Stage, telegram_id: int) -> Role | None:
    member = stage.repository.staff(telegram_id)
    return member.role if member else None


# --- coming in -------------------------------------------------------------------------------------------------------


def test_to_an_applicant_the_desk_is_no_command(chat: Chat) -> None:
    assert chat.commands("staff").error == "unknown_command"
    assert chat.at == "home/menu"


def test_who_works_here_comes_to_the_desk_and_finds_it_in_the_menu(admin: Chat) -> None:
    assert admin.commands("staff").one(SetMenu) == SetMenu(ADMIN, staff=True)
    assert admin.at == "desk/home"
    assert {"people", "audit"} <= set(admin.ids)
    assert admin.commands("staff").all(SetMenu) == []
    admin.taps("people")
    admin.taps("back")
    assert admin.at == "desk/home"
    admin.taps("back")
    assert admin.at == "home/menu"


def test_a_role_opens_only_its_own_rooms(editor: Chat) -> None:
    editor.commands("staff")
    assert not {"people", "audit"} & set(editor.ids)
    assert editor.does(Press("people", "", editor.session.revision)).toast == "stale"


# --- inviting --------------------------------------------------------------------------------------------------------


def test_an_invitation_makes_somebody_a_colleague(stage: Stage, admin: Chat) -> None:
    token = invites(admin)
    assert newest(stage).act is Act.INVITED
    new = stage.chat(NEW)
    reaction = new.commands("start", f"staff_{token}")
    assert (new.at, reaction.notice) == ("desk/home", "joined")
    assert [(say.key, say.chat_id) for say in reaction.all(Say)] == [("staff_joined", ADMIN)]
    assert role_of(stage, NEW) is Role.EDITOR
    assert (newest(stage).act, newest(stage).member) == (Act.JOINED, NEW)
    admin.taps("back")
    assert "token" not in admin.data


def test_an_invitation_is_used_once(stage: Stage, admin: Chat) -> None:
    token = invites(admin)
    stage.chat(NEW).commands("start", f"staff_{token}")
    other = stage.chat(NEW + 1)
    assert other.commands("start", f"staff_{token}").error == "invitation_over"
    assert (other.at, role_of(stage, NEW + 1)) == ("home/menu", None)


def test_an_invitation_ends_after_a_day(stage: Stage, admin: Chat) -> None:
    token = invites(admin)
    stage.now += INVITATION_LIFE
    new = stage.chat(NEW)
    assert new.does(Follow(f"staff_{token}", 1, "query")).error == "invitation_over"
    assert role_of(stage, NEW) is None


def test_an_invitation_of_somebody_who_is_no_administrator_any_more_is_over(stage: Stage, admin: Chat) -> None:
    token = invites(admin)
    stage.repository.change_role(ADMIN, Role.EDITOR)
    assert stage.chat(NEW).commands("start", f"staff_{token}").error == "invitation_over"


def test_who_works_here_already_leaves_an_invitation_for_whom_it_is_meant(stage: Stage, admin: Chat) -> None:
    token = invites(admin)
    reaction = admin.commands("start", f"staff_{token}")
    assert (admin.at, reaction.notice) == ("desk/home", "already_staff")
    stage.chat(NEW).commands("start", f"staff_{token}")
    assert role_of(stage, NEW) is Role.EDITOR


def test_a_name_that_is_none_is_refused_and_can_be_typed_again(admin: Chat) -> None:
    enters(admin, "people")
    admin.taps("invite")
    assert admin.says("王5").error == "name_letters"
    admin.says(NAME)
    admin.taps("back")
    assert (admin.at, admin.data.get("name")) == ("people/ask_name", None)
    admin.taps("back")
    assert admin.at == "people/list"


# --- roles and leaving -----------------------------------------------------------------------------------------------


def chooses(admin: Chat, member: int) -> None:
    enters(admin, "people")
    admin.taps("member", str(member))


def test_a_role_is_changed_and_told(stage: Stage, admin: Chat, editor: Chat) -> None:
    chooses(admin, EDITOR)
    admin.taps("change_role")
    assert [button.argument for button in admin.buttons if button.id == "role"] == ["admin", "reviewer"]
    reaction = admin.taps("role", "reviewer")
    assert (admin.at, reaction.notice) == ("people/member", "role_changed")
    assert reaction.one(Say).chat_id == EDITOR
    assert role_of(stage, EDITOR) is Role.REVIEWER
    assert newest(stage).act is Act.ROLE_CHANGED


def test_somebody_is_removed_told_and_locked_out(stage: Stage, admin: Chat, editor: Chat) -> None:
    editor.commands("staff")
    chooses(admin, EDITOR)
    admin.taps("remove")
    reaction = admin.taps("confirm_removal")
    assert (admin.at, reaction.notice) == ("people/list", "removed")
    assert reaction.one(SetMenu) == SetMenu(EDITOR, staff=False)
    assert reaction.one(Say).chat_id == EDITOR
    assert role_of(stage, EDITOR) is None
    assert editor.says("?").error == "expects_button"
    assert editor.ids == ["back"]
    editor.taps("back")
    assert editor.at == "home/menu"


def test_the_last_administrator_stays_one(stage: Stage, admin: Chat) -> None:
    chooses(admin, ADMIN)
    assert admin.taps("change_role").error == "last_admin"
    assert admin.taps("remove").error == "last_admin"
    assert role_of(stage, ADMIN) is Role.ADMIN


@pytest.mark.parametrize("button", ["change_role", "remove"])
def test_who_became_the_last_administrator_meanwhile_stays_one(stage: Stage, admin: Chat, button: str) -> None:
    stage.repository.add_staff(EDITOR, Role.ADMIN, "李雷", ADMIN, stage.now)
    chooses(admin, ADMIN)
    admin.taps(button)
    stage.repository.remove_staff(EDITOR, stage.now)
    if button == "remove":
        assert admin.taps("confirm_removal").error == "last_admin"
    else:
        assert admin.taps("role", "editor").error == "last_admin"
    assert (admin.at, role_of(stage, ADMIN)) == ("people/member", Role.ADMIN)


def test_who_lowers_themselves_is_led_back_to_the_desk(stage: Stage, admin: Chat) -> None:
    stage.repository.add_staff(EDITOR, Role.ADMIN, "李雷", ADMIN, stage.now)
    chooses(admin, ADMIN)
    admin.taps("change_role")
    assert admin.taps("role", "reviewer").all(Say) == []
    assert admin.at == "desk/home"


def test_who_removes_themselves_is_led_home(stage: Stage, admin: Chat) -> None:
    stage.repository.add_staff(EDITOR, Role.ADMIN, "李雷", ADMIN, stage.now)
    chooses(admin, ADMIN)
    admin.taps("remove")
    assert admin.taps("confirm_removal").all(Say) == []
    assert admin.at == "home/menu"


@pytest.mark.parametrize("way", [[], ["change_role"], ["remove"]])
def test_a_member_who_is_gone_while_looked_at_can_only_be_left(
    stage: Stage, admin: Chat, editor: Chat, way: list[str]
) -> None:
    chooses(admin, EDITOR)
    for button in way:
        admin.taps(button)
    stage.repository.remove_staff(EDITOR, stage.now)
    admin.says("?")
    assert admin.ids == ["back"]
    for _ in way:
        admin.taps("back")
    admin.taps("back")
    assert admin.at == "people/list"


def test_a_long_list_of_colleagues_comes_in_pages(stage: Stage, admin: Chat) -> None:
    for number in range(100, 110):
        stage.repository.add_staff(number, Role.REVIEWER, "同事", ADMIN, stage.now)
    enters(admin, "people")
    admin.taps("page", "2")
    assert admin.ids[0] == "invite"
    assert "member" in admin.ids
    admin.taps("back")
    assert admin.at == "desk/home"


# --- the log ---------------------------------------------------------------------------------------------------------


def test_the_log_is_read_page_by_page(stage: Stage, admin: Chat, editor: Chat) -> None:
    chooses(admin, EDITOR)
    for role in ("reviewer", "editor") * 6:
        admin.taps("change_role")
        admin.taps("role", role)
    enters(admin, "audit")
    assert admin.at == "audit/list"
    admin.taps("page", "2")
    admin.taps("back")
    assert admin.at == "desk/home"


# --- closed doors ----------------------------------------------------------------------------------------------------


def test_who_lost_the_room_finds_it_closed_whatever_they_do(stage: Stage, admin: Chat) -> None:
    stage.repository.add_staff(EDITOR, Role.ADMIN, "李雷", ADMIN, stage.now)
    enters(admin, "people")
    admin.taps("invite")
    stage.repository.change_role(ADMIN, Role.REVIEWER)
    admin.says(NAME)
    assert (admin.at, stage.repository.staff(NEW)) == ("home/menu", None)


def test_a_desk_that_was_open_is_closed_to_whoever_left(stage: Stage, admin: Chat) -> None:
    admin.commands("staff")
    session = admin.session
    stage.repository.remove_staff(ADMIN, stage.now)
    session.top.state = "closed"
    admin.restores(session)
    assert admin.ids == ["back"]
    admin.taps("back")
    assert admin.at == "home/menu"
