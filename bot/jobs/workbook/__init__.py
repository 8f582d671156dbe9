"""Plan workbooks: .xlsx with the sheets 计划, 项目, 户型, 租金, made by people and read with patience."""

from bot.jobs.workbook.mistakes import Mistake
from bot.jobs.workbook.reading import read_workbook
from bot.jobs.workbook.writing import write_workbook

__all__ = ["Mistake", "read_workbook", "write_workbook"]
