"""Plan workbooks: .xlsx with the sheets 计划, 项目, 户型, 租金, 条件, 填报项, made by people and read with patience.

A package is a .zip of a workbook, pictures and the announcement as a PDF.
"""

from bot.jobs.workbook.fields import DERIVED, Field, FieldKind, fields_of
from bot.jobs.workbook.mistakes import Mistake
from bot.jobs.workbook.package import Package, PackagePicture, read_package, write_package
from bot.jobs.workbook.reading import read_workbook
from bot.jobs.workbook.writers import example_workbook, template_workbook, write_workbook

__all__ = [
    "DERIVED",
    "Field",
    "FieldKind",
    "Mistake",
    "Package",
    "PackagePicture",
    "example_workbook",
    "fields_of",
    "read_package",
    "read_workbook",
    "template_workbook",
    "write_package",
    "write_workbook",
]
