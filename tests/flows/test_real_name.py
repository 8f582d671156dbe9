"""Real name: what is taken for a name and a number, what the service answers, and where the person is by then."""

from __future__ import annotations

import pytest

from flows.applicant import real_name
from flows.effects import CheckIdentity, DeleteMessage, Show
from flows.engine.session import Frame
from flows.events import Came
from flows.model import DAY, HOUR
from tests.flows.stage import Chat, Stage
from tests.flows.town import ID_NUMBER, NAME

OTHERS = ("110101199003074514", "11010119900307790X", "110101199003072316")
NOT_BORN = "110101203001010014"


@pytest.fixture
def asked(chat: Chat) -> Chat:
    """Signed up, at the question for the name."""
    chat.commands("me")
    chat.proves_phone()
    chat.taps("real_name")
    assert chat.at == "real_name/ask_name"
    return chat


@pytest.fixture
def checking(asked: Chat) -> Chat:
    """The service has been asked."""
    asked.says(NAME)
    asked.says(ID_NUMBER)
    asked.taps("confirm")
    assert asked.at == "real_name/checking"
    return asked


def again(stage: Stage, chat: Chat, chat_id: int) -> Chat:
    """The same account on another Telegram account."""
    stage.now += HOUR
    other = stage.chat(chat_id)
    other.commands("me")
    assert chat.person is not None
    other.proves_phone(chat.person.phone)
    return other


# --- what is typed ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("王芳", "王芳"),
        ("  王芳  ", "王芳"),
        ("王 芳", "王芳"),
        ("王\u3000芳", "王芳"),
        ("买买提 • 吐尔逊", "买买提·吐尔逊"),
        ("𬀩䶮", "𬀩䶮"),
        ("Anne  Smith", "Anne Smith"),
    ],
)
def test_a_name_is_kept_as_it_stands_on_the_card(asked: Chat, typed: str, kept: str) -> None:
    asked.says(typed)
    assert (asked.at, asked.data["name"]) == ("real_name/ask_id_number", kept)


@pytest.mark.parametrize(
    ("typed", "error"), [("王芳1", "name_letters"), ("···", "empty"), ("王" * 41, "too_long"), ("😀", "name_letters")]
)
def test_what_is_no_name_is_refused(asked: Chat, typed: str, error: str) -> None:
    assert asked.says(typed).error == error
    assert asked.at == "real_name/ask_name"


def test_an_id_number_in_place_of_the_name_is_deleted_from_the_chat(asked: Chat) -> None:
    reaction = asked.says("1101 0119 9003 0700 38")
    assert (reaction.error, reaction.notice) == ("name_letters", "message_deleted")
    assert len(reaction.all(DeleteMessage)) == 1


@pytest.mark.parametrize("typed", [ID_NUMBER, "１１０１０１１９９００３０７００３８", "110101 19900307 0038"])
def test_an_id_number_is_read_in_any_spelling_and_deleted_from_the_chat(asked: Chat, typed: str) -> None:
    asked.says(NAME)
    reaction = asked.says(typed)
    assert (asked.at, asked.data["id_number"]) == ("real_name/confirm", ID_NUMBER)
    assert reaction.notice == "message_deleted"
    assert len(reaction.all(DeleteMessage)) == 1


def test_a_lower_case_x_is_taken(asked: Chat) -> None:
    asked.says(NAME)
    asked.says("11010119900307790ｘ")
    assert asked.data["id_number"] == "11010119900307790X"


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("110101199003070039", "id_check"),
        ("990101199003070038", "id_check"),
        ("110101199013070038", "id_day"),
        (NOT_BORN, "id_day"),
        ("11010119900307003", "id_length"),
        ("不想写", "id_length"),
    ],
)
def test_what_is_no_id_number_is_refused(asked: Chat, typed: str, error: str) -> None:
    asked.says(NAME)
    reaction = asked.says(typed)
    assert (asked.at, reaction.error) == ("real_name/ask_id_number", error)
    assert bool(reaction.all(DeleteMessage)) is (typed != "不想写")


def test_an_id_number_of_somebody_else_is_refused(stage: Stage, asked: Chat) -> None:
    stage.chat(2).signs_up("+8613900139000")
    asked.says("李雷")
    assert asked.says(ID_NUMBER).error == "id_taken"


def test_somebody_corrects_what_they_typed(asked: Chat) -> None:
    asked.says(NAME)
    asked.taps("back")
    assert asked.at == "real_name/ask_name"
    asked.says(NAME)
    asked.says(ID_NUMBER)
    asked.taps("again")
    assert (asked.at, asked.data) == ("real_name/ask_name", {})


# --- what the service answers ----------------------------------------------------------------------------------------


def test_a_name_that_matches_is_proven(checking: Chat) -> None:
    job = checking.last(CheckIdentity)
    assert (job.name, job.id_number, job.document) == (NAME, ID_NUMBER, "resident_id")
    reaction = checking.hears(job, status="match")
    assert (checking.at, reaction.notice, reaction.said) == ("me/overview", "identity_match", [])
    assert checking.person is not None
    assert (checking.person.name, checking.person.id_number) == (NAME, ID_NUMBER)


def test_what_was_typed_is_not_kept_in_the_session_once_it_is_asked(checking: Chat) -> None:
    assert checking.data == {}


def test_a_name_that_does_not_match_may_be_typed_again(checking: Chat) -> None:
    reaction = checking.hears(checking.last(CheckIdentity), status="mismatch")
    assert checking.at == "real_name/refused"
    assert reaction.one(Show).values == {"status": "mismatch", "tries": 2}
    checking.taps("again")
    checking.proves_name()
    assert checking.person is not None
    assert checking.person.is_verified


def test_three_failures_end_the_day(stage: Stage, asked: Chat) -> None:
    for tries in (2, 1, 0):
        reaction = asked.proves_name(status="mismatch")
        assert reaction.one(Show).values == {"status": "mismatch", "tries": tries}
        if tries:
            asked.taps("again")
    assert "again" not in asked.ids
    asked.taps("back")
    asked.commands("me")
    asked.taps("real_name")
    asked.says(NAME)
    asked.says(ID_NUMBER)
    questions = len(stage.jobs)
    assert asked.taps("confirm").error == "identity_today"
    assert (asked.at, len(stage.jobs)) == ("real_name/confirm", questions)
    stage.now += DAY
    asked.taps("confirm")
    assert asked.at == "real_name/checking"


def test_five_failures_of_a_number_end_the_day_for_everybody(stage: Stage, asked: Chat) -> None:
    for _ in range(3):
        asked.proves_name(status="mismatch")
        if "again" in asked.ids:
            asked.taps("again")
    other = stage.chat(2)
    other.commands("me")
    other.proves_phone("+8613900139000")
    other.taps("real_name")
    assert other.proves_name(status="mismatch").one(Show).values["tries"] == 1
    other.taps("again")
    assert other.proves_name(status="mismatch").one(Show).values["tries"] == 0


def test_a_service_that_is_away_answers_later_while_the_person_waits(checking: Chat) -> None:
    reaction = checking.hears(checking.last(CheckIdentity), status="unavailable")
    assert (checking.at, reaction.one(Show).values) == ("real_name/checking", {"waiting": True})
    assert checking.hears(checking.last(CheckIdentity), status="match").notice == "identity_match"
    assert checking.at == "me/overview"


def test_a_service_that_is_away_answers_later_while_the_person_is_elsewhere(checking: Chat) -> None:
    checking.hears(checking.last(CheckIdentity), status="unavailable")
    checking.commands("start")
    reaction = checking.hears(checking.last(CheckIdentity), status="match")
    assert reaction.said == ["identity_match"]
    assert reaction.all(Show) == []
    assert checking.person is not None
    assert checking.person.is_verified


@pytest.mark.parametrize("status", ["mismatch", "given_up"])
def test_a_refusal_finds_the_person_elsewhere(checking: Chat, status: str) -> None:
    checking.commands("plans")
    assert checking.hears(checking.last(CheckIdentity), status=status).said == [f"identity_{status}"]
    checking.commands("me")
    checking.taps("real_name")
    assert checking.at == "real_name/ask_name"


def test_a_question_given_up_counts_for_nothing(checking: Chat) -> None:
    reaction = checking.hears(checking.last(CheckIdentity), status="given_up")
    assert reaction.one(Show).values == {"status": "given_up", "tries": 0}
    checking.taps("again")
    assert checking.proves_name(status="mismatch").one(Show).values["tries"] == 2


def test_who_comes_back_while_the_service_thinks_waits_on(checking: Chat) -> None:
    checking.taps("back")
    assert checking.at == "me/overview"
    checking.taps("real_name")
    assert checking.at == "real_name/checking"


def test_a_number_that_was_proven_by_another_meanwhile_is_taken(stage: Stage, checking: Chat) -> None:
    stage.chat(2).signs_up("+8613900139000", id_number=OTHERS[0])
    stage.connection.execute("UPDATE people SET id_index = ? WHERE telegram_id = 2", (stage.index_of(ID_NUMBER),))
    reaction = checking.hears(checking.last(CheckIdentity), status="match")
    assert reaction.one(Show).values == {"status": "taken", "tries": 0}
    assert checking.person is not None
    assert not checking.person.is_verified


def test_an_answer_that_comes_twice_is_heard_once(checking: Chat) -> None:
    job = checking.last(CheckIdentity)
    checking.hears(job, status="mismatch")
    stored = checking.stored
    assert checking.hears(job, status="match").effects == ()
    assert checking.stored == stored
    assert checking.does(Came("identity", {"status": "match"}, {"check": "999"})).effects == ()


# --- a page beside, another account ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "then"), [("match", "me/overview"), ("mismatch", "real_name/ask_name"), ("", "real_name/checking")]
)
def test_who_looked_beside_while_the_answer_came_does_not_wait_for_it(checking: Chat, status: str, then: str) -> None:
    checking.commands("help")
    if status:
        assert checking.hears(checking.last(CheckIdentity), status=status).said == [f"identity_{status}"]
    checking.taps("back")
    assert checking.at == then


def test_who_is_proven_meanwhile_is_not_asked_again(chat: Chat) -> None:
    chat.commands("me")
    chat.proves_phone()
    chat.taps("real_name")
    chat.says(NAME)
    chat.says(ID_NUMBER)
    chat.taps("confirm")
    session = chat.session
    session.frames.pop()
    session.frames.append(Frame("sign_up", "verified", 1))
    chat.restores(session)
    chat.hears(chat.last(CheckIdentity), status="match")
    chat.taps("real_name")
    assert chat.at == "me/overview"


@pytest.mark.parametrize("status", ["match", "mismatch", "given_up"])
def test_an_answer_finds_a_person_who_moved_to_another_account(stage: Stage, checking: Chat, status: str) -> None:
    other = again(stage, checking, 2)
    assert checking.hears(checking.last(CheckIdentity), status=status).said == [f"identity_{status}"]
    assert other.person is not None
    assert other.person.is_verified is (status == "match")
    assert stage.repository.pending_identity_check(other.person.id) is None


def test_results_without_an_event_of_theirs_are_a_mistake_that_is_named(asked: Chat) -> None:
    with pytest.raises(TypeError, match="no result"):
        real_name._check(asked.turn())
