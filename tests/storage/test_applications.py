"""Forms: answers and pictures as they stand, and submissions as they were."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from flows.model import Application, Picture, PictureState
from storage.vault import TamperedError
from tests.storage.room import AT, OTHER_PLAN, PHONE, PLAN, Room, furnished

EMPLOYER = "北京安居科技有限公司"
PICTURE = Picture(0, "id_front", "file-id", "unique", as_document=False, state=PictureState.FETCHING)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with furnished(tmp_path) as room:
        room.store.add_person(100, PHONE, AT)
        yield room


@pytest.fixture
def form(room: Room) -> int:
    return room.store.open_application(1, PLAN.code, AT).id


def current(room: Room) -> Application:
    application = room.store.application(1, PLAN.code)
    assert application is not None
    return application


def add(room: Room, form: int, picture: Picture = PICTURE) -> Picture:
    added = room.store.add_picture(form, picture, AT)
    assert added is not None
    return added


# --- answers ---------------------------------------------------------------------------------------------------------


def test_a_form_is_opened_once_a_person_and_plan(room: Room, form: int) -> None:
    assert room.store.open_application(1, PLAN.code, AT + 1).id == form
    assert room.store.open_application(1, OTHER_PLAN.code, AT).id != form
    assert room.store.application(2, PLAN.code) is None


def test_answers_are_kept_changed_and_taken_back(room: Room, form: int) -> None:
    room.store.save_answer(form, "employer", "一家公司", AT)
    room.store.save_answer(form, "employer", EMPLOYER, AT + 1)
    room.store.save_answer(form, "education", "", AT)
    assert current(room).answers == {"employer": EMPLOYER, "education": ""}
    room.store.save_answer(form, "education", None, AT)
    room.store.save_answer(form, "marital", None, AT)
    assert current(room).answers == {"employer": EMPLOYER}


def test_an_answer_does_not_open_in_another_place(room: Room, form: int) -> None:
    room.store.save_answer(form, "employer", EMPLOYER, AT)
    room.store.write("UPDATE answers SET field = 'district'")
    with pytest.raises(TamperedError):
        room.store.application(1, PLAN.code)
    room.store.write("UPDATE answers SET field = 'employer'")
    other = room.store.open_application(1, OTHER_PLAN.code, AT)
    room.store.write("UPDATE answers SET application_id = ?", other.id)
    with pytest.raises(TamperedError):
        room.store.application(1, OTHER_PLAN.code)


def test_a_form_that_is_not_there_takes_nothing(room: Room) -> None:
    with pytest.raises(LookupError, match="no such application"):
        room.store.save_answer(404, "employer", EMPLOYER, AT)
    with pytest.raises(LookupError, match="no such application"):
        room.store.submit(404, 1, AT)
    with pytest.raises(LookupError, match="no such submission"):
        room.store.submission(404)


# --- pictures --------------------------------------------------------------------------------------------------------


def test_a_picture_is_kept_and_settled(room: Room, form: int) -> None:
    added = add(room, form)
    assert added == replace(PICTURE, id=added.id)
    assert current(room).pictures == (added,)
    room.store.settle_picture(added.id, PictureState.STORED, "kept", None)
    settled = replace(added, state=PictureState.STORED, file="kept")
    assert room.store.picture(added.id) == settled
    assert current(room).pictures == (settled,)
    assert room.store.picture(404) is None


def test_a_picture_is_there_once_a_question(room: Room, form: int) -> None:
    first = add(room, form)
    assert room.store.add_picture(form, PICTURE, AT) is None
    assert add(room, form, replace(PICTURE, field="id_back")).id > first.id
    room.store.settle_picture(first.id, PictureState.REFUSED, None, "too_small")
    assert add(room, form).id > first.id
    room.store.remove_pictures(form, "id_front", AT + 5)
    assert add(room, form).id > first.id
    assert [picture.field for picture in current(room).pictures] == ["id_back", "id_front"]


def test_pictures_taken_off_are_not_found_any_more_but_kept(room: Room, form: int) -> None:
    added = add(room, form)
    room.store.remove_pictures(form, "id_front", AT + 5)
    room.store.remove_pictures(form, "id_front", AT + 9)
    assert (current(room).pictures, room.store.picture(added.id)) == ((), None)
    assert room.store.all("SELECT removed_at FROM pictures") == [(AT + 5,)]


# --- submissions -----------------------------------------------------------------------------------------------------


def test_a_submission_stays_as_it_was(room: Room, form: int) -> None:
    room.store.save_answer(form, "employer", EMPLOYER, AT)
    for field, state in (("id_front", PictureState.STORED), ("id_back", PictureState.REFUSED)):
        room.store.settle_picture(add(room, form, replace(PICTURE, field=field)).id, state, f"file-{field}", None)
    add(room, form, replace(PICTURE, unique_id="another"))
    submission = room.store.submit(form, 7, AT + 1)
    room.store.save_answer(form, "employer", "另一家", AT + 2)
    room.store.remove_pictures(form, "id_front", AT + 2)
    kept = room.store.submission(submission)
    assert kept.answers == {"employer": EMPLOYER}
    assert [(picture.field, picture.file) for picture in kept.pictures] == [("id_front", "file-id_front")]
    assert (kept.submitted_at, kept.submission_id, kept.plan_code) == (AT + 1, submission, PLAN.code)
    assert room.store.all("SELECT form_version FROM submissions") == [(7,)]


def test_a_form_knows_whether_it_changed_since_it_was_submitted(room: Room, form: int) -> None:
    room.store.save_answer(form, "employer", EMPLOYER, AT)
    assert current(room).changed_since
    submission = room.store.submit(form, 1, AT)
    assert (current(room).submission_id, current(room).changed_since) == (submission, False)
    room.store.save_answer(form, "employer", EMPLOYER, AT)
    assert not current(room).changed_since
    room.store.save_answer(form, "employer", "另一家", AT)
    assert current(room).changed_since
    room.store.submit(form, 1, AT)
    add(room, form)
    assert current(room).changed_since
    room.store.submit(form, 1, AT)
    room.store.remove_pictures(form, "id_front", AT)
    assert current(room).changed_since
    room.store.submit(form, 1, AT)
    room.store.remove_pictures(form, "id_front", AT)
    assert not current(room).changed_since


def test_the_last_answers_are_of_the_last_submission_for_another_plan(room: Room, form: int) -> None:
    assert room.store.last_answers(1, PLAN.code) == {}
    other = room.store.open_application(1, OTHER_PLAN.code, AT).id
    room.store.save_answer(other, "employer", "没有提交", AT)
    assert room.store.last_answers(1, PLAN.code) == {}
    room.store.save_answer(other, "employer", EMPLOYER, AT)
    room.store.submit(other, 1, AT)
    room.store.save_answer(other, "employer", "后来改的", AT)
    assert room.store.last_answers(1, PLAN.code) == {"employer": EMPLOYER}
    assert room.store.last_answers(1, OTHER_PLAN.code) == {}
    room.store.save_answer(form, "employer", "本计划", AT)
    room.store.submit(form, 1, AT + 1)
    assert room.store.last_answers(1, "THIRD") == {"employer": "本计划"}


def test_a_submission_does_not_open_for_another_person(room: Room, form: int) -> None:
    submission = room.store.submit(form, 1, AT)
    room.store.add_person(101, "+8613900139000", AT)
    room.store.write("UPDATE applications SET person_id = 2")
    with pytest.raises(TamperedError):
        room.store.submission(submission)
