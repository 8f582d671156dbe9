"""Forms: answers as they stand, photographed documents, and what was submitted of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import replace

import orjson

from flows.model import Application, Moment, Picture, PictureState
from storage.store import Row, Store

_COLUMNS = "id, person_id, plan_code, submission_id, submitted_at, changed"


class ApplicationStore(Store):
    def application(self, person_id: int, plan: str) -> Application | None:
        row = self.one(f"SELECT {_COLUMNS} FROM applications WHERE person_id = ? AND plan_code = ?", person_id, plan)
        return self._application(row) if row else None

    def _application(self, row: Row) -> Application:
        application_id, person_id, plan, submission_id, submitted_at, changed = row
        reveal = self.vault.open_text
        answers = {
            field: reveal(person_id, "answers", field, value, row=application_id)
            for field, value in self.all("SELECT field, value FROM answers WHERE application_id = ?", application_id)
        }
        pictures = self.all(
            "SELECT id, field, file_id, unique_id, as_document, state, file, reason FROM pictures"
            " WHERE application_id = ? AND removed_at IS NULL ORDER BY id",
            application_id,
        )
        return Application(
            application_id,
            person_id,
            plan,
            answers,
            tuple(self._picture(person_id, picture) for picture in pictures),
            submitted_at,
            submission_id,
            bool(changed),
        )

    def _picture(self, person_id: int, row: Row) -> Picture:
        picture_id, field, file_id, unique_id, as_document, state, file, reason = row
        file_id = self.vault.open_text(person_id, "pictures", "file_id", file_id)
        return Picture(picture_id, field, file_id, unique_id, bool(as_document), PictureState(state), file, reason)

    def open_application(self, person_id: int, plan: str, at: Moment) -> Application:
        found = self.application(person_id, plan)
        if found is not None:
            return found
        application_id = self.add(
            "INSERT INTO applications (person_id, plan_code, created_at) VALUES (?, ?, ?)", person_id, plan, at
        )
        return Application(application_id, person_id, plan)

    def _owner(self, application_id: int) -> int:
        row = self.one("SELECT person_id FROM applications WHERE id = ?", application_id)
        if row is None:
            raise LookupError("no such application")
        return int(row[0])

    def _changed(self, application_id: int) -> None:
        self.write("UPDATE applications SET changed = 1 WHERE id = ?", application_id)

    def save_answer(self, application_id: int, field: str, value: str | None, at: Moment) -> None:
        person_id = self._owner(application_id)
        old = self.one("SELECT value FROM answers WHERE application_id = ? AND field = ?", application_id, field)
        if old and self.vault.open_text(person_id, "answers", field, old[0], row=application_id) == value:
            return
        if value is None:
            self.write("DELETE FROM answers WHERE application_id = ? AND field = ?", application_id, field)
        else:
            self.write(
                "INSERT INTO answers (application_id, field, value, at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (application_id, field) DO UPDATE SET value = excluded.value, at = excluded.at",
                application_id,
                field,
                self.vault.seal(person_id, "answers", field, value, row=application_id),
                at,
            )
        self._changed(application_id)

    def last_answers(self, person_id: int, plan: str) -> Mapping[str, str]:
        row = self.one(
            "SELECT submission_id FROM applications WHERE person_id = ? AND plan_code <> ?"
            " AND submission_id IS NOT NULL ORDER BY submitted_at DESC LIMIT 1",
            person_id,
            plan,
        )
        return self.submission(int(row[0])).answers if row else {}

    def add_picture(self, application_id: int, picture: Picture, at: Moment) -> Picture | None:
        person_id = self._owner(application_id)
        try:
            picture_id = self.add(
                "INSERT INTO pictures (application_id, field, file_id, unique_id, as_document, state, at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                application_id,
                picture.field,
                self.vault.seal(person_id, "pictures", "file_id", picture.file_id),
                picture.unique_id,
                picture.as_document,
                picture.state,
                at,
            )
        except sqlite3.IntegrityError:
            return None
        self._changed(application_id)
        return replace(picture, id=picture_id)

    def remove_pictures(self, application_id: int, field: str, at: Moment) -> None:
        removed = self.write(
            "UPDATE pictures SET removed_at = ? WHERE application_id = ? AND field = ? AND removed_at IS NULL",
            at,
            application_id,
            field,
        )
        if removed:
            self._changed(application_id)

    def picture(self, picture_id: int) -> Picture | None:
        row = self.one(
            "SELECT a.person_id, p.id, field, file_id, unique_id, as_document, state, file, reason FROM pictures p"
            " JOIN applications a ON a.id = p.application_id WHERE p.id = ? AND removed_at IS NULL",
            picture_id,
        )
        return self._picture(row[0], row[1:]) if row else None

    def settle_picture(self, picture_id: int, state: PictureState, file: str | None, reason: str | None) -> None:
        self.write("UPDATE pictures SET state = ?, file = ?, reason = ? WHERE id = ?", state, file, reason, picture_id)

    def submit(self, application_id: int, form_version: int, at: Moment) -> int:
        row = self.one(f"SELECT {_COLUMNS} FROM applications WHERE id = ?", application_id)
        if row is None:
            raise LookupError("no such application")
        application = self._application(row)
        kept = [
            [picture.field, picture.file, picture.unique_id]
            for picture in application.pictures
            if picture.state is PictureState.STORED
        ]
        body = orjson.dumps({"answers": application.answers, "pictures": kept})
        submission = self.add(
            "INSERT INTO submissions (application_id, form_version, body, at) VALUES (?, ?, ?, ?)",
            application_id,
            form_version,
            self.vault.seal(application.person_id, "submissions", "body", body, row=at),
            at,
        )
        self.write(
            "UPDATE applications SET submission_id = ?, submitted_at = ?, changed = 0 WHERE id = ?",
            submission,
            at,
            application_id,
        )
        return submission

    def submission(self, submission_id: int) -> Application:
        row = self.one(
            "SELECT a.id, a.person_id, a.plan_code, s.body, s.at FROM submissions s"
            " JOIN applications a ON a.id = s.application_id WHERE s.id = ?",
            submission_id,
        )
        if row is None:
            raise LookupError("no such submission")
        application_id, person_id, plan, sealed, at = row
        body = orjson.loads(self.vault.open(person_id, "submissions", "body", sealed, row=at))
        pictures = tuple(
            Picture(0, field, "", unique_id, as_document=False, state=PictureState.STORED, file=file)
            for field, file, unique_id in body["pictures"]
        )
        return Application(application_id, person_id, plan, body["answers"], pictures, at, submission_id)
