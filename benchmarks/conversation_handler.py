"""The baseline: a plain python-telegram-bot ConversationHandler asking the same questions, nothing persisted."""

from __future__ import annotations

import logging
import sys
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import Application, ContextTypes, ConversationHandler, MessageHandler, filters

QUESTIONS = ("单位所在区", "劳动合同开始日期", "劳动合同结束日期", "社保缴纳月数", "年收入", "填报信息")
Bot = Application[Any, Any, Any, Any, Any, Any]


def ask(step: int) -> Any:
    async def answered(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
        if context.user_data is None or update.message is None:
            raise LookupError("not a private message")
        context.user_data[step] = update.message.text
        keyboard = [
            [InlineKeyboardButton("上一题", callback_data="p"), InlineKeyboardButton("目录", callback_data="c")]
        ]
        await update.message.reply_text(
            f"工作与收入（{step + 2}/6）\n<b>{QUESTIONS[step]} *</b>\n请按实际情况填写。\n\n已自动保存 · {step}/11",
            parse_mode="HTML",
            reply_markup=InlineKeyboardMarkup(keyboard),
        )
        return step + 1 if step + 1 < len(QUESTIONS) else ConversationHandler.END

    return answered


def main(token: str, url: str) -> None:
    logging.basicConfig(level=logging.WARNING)
    handlers = [MessageHandler(filters.TEXT & ~filters.COMMAND, ask(step)) for step in range(len(QUESTIONS))]
    conversation = ConversationHandler(
        entry_points=[handlers[0]], states={step: [handlers[step]] for step in range(1, len(QUESTIONS))}, fallbacks=[]
    )
    bot: Bot = Application.builder().token(token).base_url(f"{url}/bot").build()
    bot.add_handler(conversation)
    bot.run_polling(poll_interval=0, timeout=10, bootstrap_retries=-1)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
