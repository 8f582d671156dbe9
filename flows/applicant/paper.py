"""Where an applicant's form is kept: one application a person and plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from flows.effects import FetchPicture, SendPictures
from flows.engine.turn import Turn
from flows.events import File
from flows.model import Application, Picture, PictureState


def application_of(turn: Turn) -> Application:
    """The application that the talking form flow fills in (frame data ``plan``)."""
    plan = turn.data["plan"]
    if plan not in turn.applications:
        turn.applications[plan] = turn.repository.open_application(turn.somebody.id, plan, turn.at)
    return turn.applications[plan]


class ApplicationPaper:
    """``flows.engine.form.Paper``."""

    def sheet(self, turn: Turn) -> Application:
        return application_of(turn)

    def save(self, turn: Turn, slot: str, value: str | None) -> None:
        application = application_of(turn)
        turn.repository.save_answer(application.id, slot, value, turn.at)
        if value is None:
            turn.applications.clear()
        elif application.answers.get(slot) != value:  # as it is stored now, without reading all of it again
            answers = {**application.answers, slot: value}
            turn.applications[application.plan_code] = replace(application, answers=answers, changed_since=True)

    def previous(self, turn: Turn) -> Mapping[str, str]:
        return turn.repository.last_answers(turn.somebody.id, turn.data["plan"])

    def add_picture(self, turn: Turn, slot: str, file: File) -> None:
        application = application_of(turn)
        new = Picture(0, slot, file.file_id, file.unique_id, file.as_document, PictureState.FETCHING)
        picture = turn.repository.add_picture(application.id, new, turn.at)
        turn.applications.clear()
        if picture is not None:
            turn.do(FetchPicture(turn.somebody.id, application.id, picture.id, file.file_id, file.size))

    def remove_pictures(self, turn: Turn, slot: str) -> None:
        turn.repository.remove_pictures(application_of(turn).id, slot, turn.at)
        turn.applications.clear()

    def show_pictures(self, turn: Turn, pictures: Sequence[Picture]) -> bool:
        files = tuple(picture.file for picture in pictures if picture.file)
        if files:
            turn.do(SendPictures(turn.somebody.id, files))
        return bool(files)
