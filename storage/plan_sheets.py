"""Plans that clerks are entering in the chat, one a clerk, answer by answer. Public matter, so not sealed."""

from __future__ import annotations

from collections.abc import Mapping

from flows.model import Moment
from storage.store import Store


class PlanSheetStore(Store):
    def plan_sheet(self, telegram_id: int) -> Mapping[str, str]:
        return dict(self.all("SELECT slot, value FROM plan_sheets WHERE made_by = ?", telegram_id))

    def save_plan_answer(self, telegram_id: int, slot: str, value: str | None, at: Moment) -> None:
        if value is None:
            self.write("DELETE FROM plan_sheets WHERE made_by = ? AND slot = ?", telegram_id, slot)
            return
        sql = "INSERT OR REPLACE INTO plan_sheets (made_by, slot, value, at) VALUES (?, ?, ?, ?)"
        self.write(sql, telegram_id, slot, value, at)

    def drop_plan_sheet(self, telegram_id: int) -> None:
        self.write("DELETE FROM plan_sheets WHERE made_by = ?", telegram_id)
