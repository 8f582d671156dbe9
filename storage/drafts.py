"""Plans that clerks are working on, with the plan as they found it. Public matter, so not sealed."""

from __future__ import annotations

from collections.abc import Sequence

from flows.model import DAY, Moment, Plan
from flows.staff.model import Draft, DraftHead
from flows.staff.plan_text import plan_from_text, plan_to_text
from storage import outbox
from storage.store import Store

KIND = "publish"
LIFE = 7 * DAY  # a plan that was to come out while the bot stood still; after that a clerk had better look


class DraftStore(Store):
    def draft(self, draft: int) -> Draft | None:
        row = self.one("SELECT id, body, base, made_by, at, publish_at FROM drafts WHERE id = ?", draft)
        if row is None:
            return None
        number, body, base, made_by, at, publish_at = row
        found = plan_from_text(base) if base else None
        return Draft(number, plan_from_text(body), found, made_by, at, publish_at)

    def draft_of(self, plan: str, telegram_id: int) -> int | None:
        row = self.one("SELECT id FROM drafts WHERE plan_code = ? AND made_by = ?", plan, telegram_id)
        return int(row[0]) if row else None

    def draft_plan(self, draft: int) -> Plan | None:
        row = self.one("SELECT body FROM drafts WHERE id = ?", draft)
        return plan_from_text(row[0]) if row else None

    def drafts(self) -> Sequence[DraftHead]:
        rows = self.all("SELECT id, plan_code, name, made_by, at, publish_at FROM drafts ORDER BY at DESC, id DESC")
        return [DraftHead(*row) for row in rows]

    def keep_draft(self, plan: Plan, base: Plan | None, telegram_id: int, at: Moment) -> int:
        earlier = self.draft_of(plan.code, telegram_id)
        if earlier is not None:
            self.drop_draft(earlier)
        return self.add(
            "INSERT INTO drafts (plan_code, name, base_revision, base, body, made_by, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            plan.code,
            plan.name,
            base.revision if base else 0,
            plan_to_text(base) if base else "",
            plan_to_text(plan),
            telegram_id,
            at,
        )

    def change_draft(self, draft: int, plan: Plan, at: Moment) -> None:
        sql = "UPDATE drafts SET name = ?, body = ?, at = ? WHERE id = ?"
        self.write(sql, plan.name, plan_to_text(plan), at, draft)

    def rebase_draft(self, draft: int, plan: Plan, base: Plan, at: Moment) -> None:
        self.change_draft(draft, plan, at)
        sql = "UPDATE drafts SET base_revision = ?, base = ? WHERE id = ?"
        self.write(sql, base.revision, plan_to_text(base), draft)

    def drop_draft(self, draft: int) -> None:
        self.unschedule_draft(draft)
        self.write("DELETE FROM drafts WHERE id = ?", draft)

    def schedule_draft(self, draft: int, telegram_id: int, publish_at: Moment) -> None:
        self.unschedule_draft(draft)
        parcel = outbox.put(
            self.connection,
            self.vault,
            telegram_id,
            KIND,
            {"draft": draft},
            due_at=publish_at,
            expires_at=publish_at + LIFE,
            later=True,
        )
        self.write("UPDATE drafts SET publish_at = ?, parcel = ? WHERE id = ?", publish_at, parcel.id, draft)

    def unschedule_draft(self, draft: int) -> None:
        """A parcel that has been handed out already finds nothing to publish when it comes back."""
        self.write("DELETE FROM outbox WHERE waits = 1 AND id = (SELECT parcel FROM drafts WHERE id = ?)", draft)
        self.write("UPDATE drafts SET publish_at = NULL, parcel = NULL WHERE id = ?", draft)
