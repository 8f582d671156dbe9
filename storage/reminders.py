"""Reminders: each a parcel in the outbox that comes back as an event when it is due."""

from __future__ import annotations

from flows.model import DAY, Moment, Occasion, Plan, reminder_at
from storage import outbox
from storage.store import Store

KIND = "reminder"
LIFE = DAY  # a reminder a day late helps nobody


class ReminderStore(Store):
    def has_reminder(self, plan: str, telegram_id: int, occasion: Occasion) -> bool:
        sql = "SELECT 1 FROM reminders WHERE plan_code = ? AND chat_id = ? AND occasion = ?"
        return self.one(sql, plan, telegram_id, occasion) is not None

    def add_reminder(self, plan: str, telegram_id: int, occasion: Occasion, due_at: Moment) -> None:
        if self.has_reminder(plan, telegram_id, occasion):
            return
        body = {"plan": plan, "occasion": occasion}
        parcel = outbox.put(
            self.connection, self.vault, telegram_id, KIND, body, due_at=due_at, expires_at=due_at + LIFE, later=True
        )
        self.write(
            "INSERT INTO reminders (plan_code, chat_id, occasion, parcel) VALUES (?, ?, ?, ?)",
            plan,
            telegram_id,
            occasion,
            parcel.id,
        )

    def end_reminder(self, plan: str, telegram_id: int, occasion: Occasion) -> bool:
        sql = "DELETE FROM reminders WHERE plan_code = ? AND chat_id = ? AND occasion = ? RETURNING parcel"
        ended = self.one(sql, plan, telegram_id, occasion)
        if ended is not None:
            self.write("DELETE FROM outbox WHERE waits = 1 AND id = ?", *ended)
        return ended is not None

    def move_reminders(self, plan: Plan, at: Moment) -> None:
        """After the dates of a plan have changed. What is past by now is due at once."""
        for occasion in Occasion:
            due_at = reminder_at(plan, occasion, at) or at
            self.write(
                "UPDATE outbox SET due_at = ?, expires_at = ? WHERE waits = 1 AND id IN"
                " (SELECT parcel FROM reminders WHERE plan_code = ? AND occasion = ?)",
                due_at,
                due_at + LIFE,
                plan.code,
                occasion,
            )

    def drop_reminders(self, plan: str) -> None:
        """A plan that is withdrawn reminds nobody."""
        self.write(
            "DELETE FROM outbox WHERE waits = 1 AND id IN (SELECT parcel FROM reminders WHERE plan_code = ?)", plan
        )
        self.write("DELETE FROM reminders WHERE plan_code = ?", plan)
