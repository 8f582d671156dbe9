"""Photographed documents: taken, refused, replaced, and what comes of checking them."""

from __future__ import annotations

import pytest

from flows.applicant import application
from flows.effects import FetchPicture, Place, SendPictures, Show
from flows.engine.form import MOST_BYTES
from flows.events import Came
from flows.model import Moment, Picture, PictureState
from storage.repository import SqlRepository
from tests.flows.stage import Chat, Stage
from tests.flows.town import OPEN

FRONT = "application/ask_id_front"


@pytest.fixture
def asked(chat: Chat) -> Chat:
    """At the question for the front of the identity card, all else still open."""
    chat.signs_up()
    chat.opens_plan()
    chat.taps("fill_in")
    chat.taps("section", "documents")
    assert chat.at == FRONT
    return chat


@pytest.fixture
def review(chat: Chat) -> Chat:
    """All filled in; one more picture of the front is being checked."""
    chat.signs_up()
    chat.opens_plan()
    chat.taps("fill_in")
    chat.fills_in()
    chat.taps("change", "documents")
    chat.taps("question", "id_front")
    chat.sends_file("one more")
    chat.taps("done")
    assert chat.at == "application/review"
    return chat


def states(chat: Chat) -> list[PictureState]:
    return [picture.state for picture in chat.application().pictures]


# --- sending ---------------------------------------------------------------------------------------------------------


def test_a_picture_is_taken_and_fetched(asked: Chat) -> None:
    reaction = asked.sends_file("a", size=123)
    job, (picture,) = reaction.one(FetchPicture), asked.application().pictures
    assert (picture.field, picture.file_id, picture.state) == ("id_front", "id-a", PictureState.FETCHING)
    assert (job.picture_id, job.file_id, job.size) == (picture.id, "id-a", 123)
    assert (asked.at, asked.ids[:3]) == (FRONT, ["done", "again", "view"])


def test_without_a_picture_there_is_no_way_on_but_around(asked: Chat) -> None:
    assert asked.ids == ["previous", "contents"]


def test_an_album_shares_one_screen(asked: Chat) -> None:
    places = [asked.sends_file(name, group="album").one(Show).place for name in "abc"]
    assert places == [Place.SEND, Place.EDIT, Place.EDIT]
    assert asked.sends_file("d", group="another").one(Show).place is Place.SEND
    assert asked.sends_file("e").one(Show).place is Place.SEND
    assert len(asked.application().pictures) == 5


def test_the_same_picture_twice_is_taken_once(asked: Chat) -> None:
    asked.sends_file("a")
    assert asked.sends_file("a").error == "same_picture"
    assert len(asked.application().pictures) == 1


def test_a_picture_of_two_documents_counts_for_both(asked: Chat) -> None:
    asked.sends_file("a")
    asked.taps("done")
    assert asked.sends_file("a").error == ""
    assert len(asked.application().pictures) == 2


def test_a_seventh_picture_is_refused_and_the_six_are_kept(asked: Chat) -> None:
    for name in "abcdef":
        asked.sends_file(name)
    reaction = asked.sends_file("g")
    assert reaction.one(Show).error == ("too_many_pictures", {"question": "id_front", "most": 6})
    assert len(asked.application().pictures) == 6


def test_a_file_that_is_too_large_is_refused_before_it_is_fetched(asked: Chat) -> None:
    assert asked.sends_file("a", size=MOST_BYTES).error == ""
    reaction = asked.sends_file("b", size=MOST_BYTES + 1)
    assert reaction.one(Show).error == ("too_large", {"question": "id_front", "most": 20})
    assert reaction.all(FetchPicture) == []


def test_a_picture_that_is_there_already_is_not_fetched_twice(asked: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(_: SqlRepository, __: int, ___: Picture, ____: Moment) -> None:
        return None

    monkeypatch.setattr(SqlRepository, "add_picture", taken)
    assert asked.sends_file("a").all(FetchPicture) == []


# --- looking, replacing ----------------------------------------------------------------------------------------------


def test_somebody_looks_at_what_was_kept(asked: Chat) -> None:
    asked.sends_file("a")
    assert asked.taps("view").notice == "pictures_being_checked"
    asked.hears(asked.last(FetchPicture), file="stored")
    reaction = asked.taps("view")
    assert reaction.one(SendPictures).files == ("stored",)
    assert reaction.one(Show).place is Place.SEND


def test_somebody_sends_all_anew(stage: Stage, asked: Chat) -> None:
    asked.sends_file("a")
    stage.now += 1000
    assert asked.taps("again").notice == "pictures_removed"
    assert asked.application().pictures == ()
    assert stage.connection.execute("SELECT removed_at FROM pictures").fetchall() == [(stage.now,)]
    assert asked.sends_file("a").error == ""


# --- what comes of checking ------------------------------------------------------------------------------------------


def test_a_picture_that_was_checked_is_stored(asked: Chat) -> None:
    asked.sends_file("a")
    revision = asked.session.revision
    reaction = asked.hears(asked.last(FetchPicture), file="stored")
    (picture,) = asked.application().pictures
    assert (picture.state, picture.file) == (PictureState.STORED, "stored")
    assert reaction.one(Show).place is Place.EDIT
    assert asked.session.revision == revision


def test_a_picture_that_is_refused_says_so_on_its_own_screen(asked: Chat) -> None:
    asked.sends_file("a")
    reaction = asked.hears(asked.last(FetchPicture), reason="too_small")
    assert reaction.one(Show).error == ("picture_too_small", {"question": "id_front"})
    assert states(asked) == [PictureState.REFUSED]
    assert "done" not in asked.ids
    assert asked.sends_file("a").error == ""


def test_what_was_said_of_one_picture_stands_while_the_others_are_checked(asked: Chat) -> None:
    for name in "abcdef":
        asked.sends_file(name, group="album")
    assert asked.sends_file("g", group="album").error == "too_many_pictures"
    results = [asked.hears(job, file="stored").one(Show).error for _, job in asked.stage.jobs if is_picture(job)]
    assert results == [("too_many_pictures", {"question": "id_front", "most": 6})] * 6


def test_what_was_said_of_one_picture_is_gone_once_the_person_acted(asked: Chat) -> None:
    asked.sends_file("a", group="album")
    asked.sends_file("a", group="album")
    assert asked.sends_file("b", group="album").error == "same_picture"
    assert asked.sends_file("c").error == ""
    asked.sends_file("a")
    asked.taps("again")
    asked.sends_file("a")
    assert asked.hears(asked.last(FetchPicture), file="stored").error == ""
    asked.sends_file("a")
    asked.taps("done")
    asked.sends_file("b")
    assert asked.hears(asked.last(FetchPicture), file="stored").error == ""


def is_picture(job: object) -> bool:
    return isinstance(job, FetchPicture)


def test_a_picture_that_is_refused_finds_the_person_elsewhere(asked: Chat) -> None:
    asked.sends_file("a")
    asked.taps("contents")
    reaction = asked.hears(asked.last(FetchPicture), reason="broken")
    assert (reaction.said, reaction.all(Show)) == (["picture_refused"], [])


def test_the_result_of_a_picture_that_is_gone_changes_nothing(asked: Chat) -> None:
    asked.sends_file("a")
    job = asked.last(FetchPicture)
    asked.taps("again")
    asked.hears(job, file="stored")
    assert asked.application().pictures == ()


def test_a_result_that_comes_twice_is_heard_once(asked: Chat) -> None:
    asked.sends_file("a")
    asked.hears(asked.last(FetchPicture), file="stored")
    assert asked.hears(asked.last(FetchPicture), reason="broken").error == ""
    assert states(asked) == [PictureState.STORED]
    asked.does(Came("picture", {"reason": "broken"}, {"picture": "999"}))


def test_a_picture_is_settled_although_its_owner_moved_to_another_account(stage: Stage, asked: Chat) -> None:
    asked.sends_file("a")
    stage.now += 60 * 60 * 1000
    other = stage.chat(2)
    other.commands("me")
    other.proves_phone()
    asked.hears(asked.last(FetchPicture), file="stored")
    assert states(other) == [PictureState.STORED]


# --- submitting while they are checked -------------------------------------------------------------------------------


def test_a_form_waits_for_its_pictures_and_is_submitted_by_itself(review: Chat) -> None:
    review.taps("submit")
    assert review.at == "application/awaiting_pictures"
    reaction = review.hears(review.last(FetchPicture), file="more")
    assert review.at == "application/submitted"
    assert reaction.one(Show).place is Place.EDIT
    kept = application.submitted_form(review.application(), review.turn())
    assert [picture.file for picture in kept.pictures if picture.field == "id_front"] == ["file-id_front", "more"]


def test_a_form_waits_for_the_last_of_its_pictures(review: Chat) -> None:
    review.taps("change", "documents")
    review.taps("question", "id_back")
    review.sends_file("and another")
    review.taps("done")
    review.taps("submit")
    first, second = (job for _, job in review.stage.jobs[-2:])
    review.hears(second, file="b")
    assert review.at == "application/awaiting_pictures"
    review.hears(first, file="a")
    assert review.at == "application/submitted"


def test_who_waits_for_pictures_may_go_back(review: Chat) -> None:
    review.taps("submit")
    review.taps("back")
    assert review.at == "application/review"
    review.hears(review.last(FetchPicture), file="more")
    review.taps("submit")
    assert review.at == "application/submitted"


def test_who_waits_for_pictures_and_looks_beside_finds_the_form_submitted(review: Chat) -> None:
    review.taps("submit")
    review.commands("help")
    review.hears(review.last(FetchPicture), file="more")
    assert review.application().submitted_at is None
    review.taps("back")
    assert review.at == "application/submitted"


def test_who_waits_for_pictures_and_looks_beside_waits_on(review: Chat) -> None:
    review.taps("submit")
    review.commands("help")
    review.taps("back")
    assert review.at == "application/awaiting_pictures"


def test_a_refusal_of_the_only_picture_shows_what_is_missing(chat: Chat) -> None:
    chat.signs_up()
    chat.opens_plan()
    chat.taps("fill_in")
    chat.fills_in()
    chat.taps("change", "documents")
    chat.taps("question", "id_front")
    chat.taps("again")
    chat.sends_file("new")
    chat.taps("done")
    chat.taps("submit")
    reaction = chat.hears(chat.last(FetchPicture), reason="broken")
    assert (chat.at, reaction.said) == ("application/missing", ["picture_refused"])
    assert chat.application(OPEN).submitted_at is None


def test_results_without_an_event_of_theirs_are_a_mistake_that_is_named(asked: Chat) -> None:
    with pytest.raises(TypeError, match="no result"):
        application._note_picture(asked.turn())
