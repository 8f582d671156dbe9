"""The words of a registration's PDF, from what is stored, in the language of the chat it goes to."""

from __future__ import annotations

import sqlite3

from bot.clock import Clock
from bot.jobs.record_form import ProgressStep, RecordDocument, Section
from bot.windows import Windows
from bot.wording import Wording
from flows.applicant.application import FORM
from flows.engine.fields import birth_day, is_female
from flows.model import Application
from storage import sessions
from storage.repository import SqlRepository
from storage.store import Shelf
from storage.vault import Vault

WINDOW = "record/record"
STEPS = ("registered", "review", "draw", "choice")


class RecordWriter:
    def __init__(self, vault: Vault, shelf: Shelf, windows: Windows, clock: Clock) -> None:
        self._vault = vault
        self._shelf = shelf
        self._windows = windows
        self._clock = clock

    def read(
        self, connection: sqlite3.Connection, chat_id: int, person_id: int, number: str
    ) -> tuple[RecordDocument, str, str] | None:
        """The document, its file name and the caption; None when the record is not this person's."""
        repository = SqlRepository(connection, self._vault, self._shelf)
        registration = repository.registration(number)
        person = repository.person_by_id(person_id)
        if registration is None or person is None or registration.person_id != person_id:
            return None
        session = sessions.load(connection, self._vault, chat_id)
        language = session.language if session else "zh"
        plan = repository.plan(registration.plan_code)
        application = repository.submission(registration.submission_id)
        now = self._clock.now()
        wording = self._windows.wording(language)
        values = {"plan": plan, "registration": registration, "now": now}

        def text(block: str) -> str:
            return self._windows.text(WINDOW, block, values, language)

        sections, documents = self._answers(application, wording)
        born = wording.day(birth_day(person.id_number)) if person.id_number else ""
        gender = "female" if person.id_number and is_female(person.id_number) else "male"
        facts = [
            (text("fact_applicant"), person.name or ""),
            (text("fact_gender"), text(f"gender_{gender}")),
            (text("fact_birthday"), born),
            (text("fact_id_number"), person.id_number or ""),
            (text("fact_phone"), person.phone.removeprefix("+86")),
            (text("fact_window"), wording.period(plan.opens_at, plan.closes_at) if plan else ""),
            (text("fact_registered_at"), wording.moment(registration.registered_at)),
            (text("fact_state"), text(f"state_{registration.state}")),
        ]
        if registration.cancelled_at is not None:
            facts.append((text("fact_cancelled_at"), wording.moment(registration.cancelled_at)))
        reached = {"registered": wording.moment(registration.registered_at)}
        document = RecordDocument(
            language=language,
            headline=text("headline"),
            subtitle=text("subtitle"),
            number_label=text("number_label"),
            number=number,
            facts=tuple(facts),
            progress=tuple(
                ProgressStep(label=text(f"step_{step}"), done=step in reached, when=reached.get(step, ""))
                for step in STEPS
            ),
            sections=sections,
            documents=documents,
            declaration=text("declaration"),
            issued=text("issued"),
            issued_at=now,
            footer=text("footer"),
            page_label=text("page_label"),
            facts_title=text("facts_title"),
            progress_title=text("progress_title"),
            documents_title=text("documents_title"),
            declaration_title=text("declaration_title"),
        )
        return document, f"{number}.pdf", text("caption")

    def _answers(
        self, application: Application, wording: Wording
    ) -> tuple[tuple[Section, ...], tuple[tuple[str, str], ...]]:
        """Answers by section as their owner wrote them, and how many pictures there are of each document."""
        sections: list[Section] = []
        documents: list[tuple[str, str]] = []
        for part in FORM.parts(application):
            rows: list[tuple[str, str]] = []
            for question, value, count in part.answers:
                row = (wording.label(question), wording.answer(question, value, count, masked=False))
                (documents if question.kind.takes_files else rows).append(row)
            if rows:
                title = wording.section_title(part.section) + (f" {part.number}" if part.number else "")
                sections.append(Section(title=title, rows=tuple(rows)))
        return tuple(sections), tuple(documents)
