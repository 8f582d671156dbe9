"""A plan with its pictures and its announcement: a .zip of one workbook, the folder 照片, and 公告.pdf."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from zipfile import ZipFile, ZipInfo

from bot.jobs.workbook import columns as c
from bot.jobs.workbook import headers
from bot.jobs.workbook.fields import Field
from bot.jobs.workbook.mistakes import Mistake, Mistakes
from bot.jobs.workbook.parcel import MEGABYTE, Parcel, Path, is_safe
from bot.jobs.workbook.reading import Reading
from bot.jobs.workbook.safety import FILE_BYTES, OLE, Archive, RefusedError, is_workbook
from bot.jobs.workbook.sheets import read_sheets
from bot.jobs.workbook.sorting import FORMATS, NOTICE, PICTURES, Homes, PictureFile, sort_files, suffix
from bot.jobs.workbook.writers import write_workbook
from flows.model import Plan

PICTURE_BYTES = 10 * MEGABYTE
NOTICE_BYTES = 20 * MEGABYTE

_OTHER_ARCHIVES = (b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")


@dataclass(frozen=True, slots=True)
class PackagePicture:
    """A picture of a project, or of one of its unit types; ``name`` is that of its file. It is not decoded yet."""

    project: str
    unit_type: str | None
    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Package:
    """Pictures come by project and unit type as the plan has them, then by name, 2 before 10."""

    plan: Plan
    pictures: tuple[PackagePicture, ...] = ()
    notice_pdf: bytes | None = field(default=None, repr=False)


def read_package(content: bytes, fields: Mapping[str, Field] | None = None) -> Package | list[Mistake]:
    """An .xlsx alone, or a .zip with pictures and announcement; or all mistakes of sheets and files at once.

    ``fields`` as for ``read_workbook``. Names are not trusted, and pictures are known by their first bytes.
    Blocking: a second or two for 300 pictures. Takes the memory of what is returned, at most 200 MB, and that of
    reading one workbook. Raises nothing on bad content.
    """
    mistakes = Mistakes([form.title for form in c.FORMS])
    try:
        package = _read(content, fields, mistakes)
    except RefusedError as refused:
        mistakes.add(refused.key, details=refused.details)
        return mistakes.told()
    return package if package is not None and not mistakes else mistakes.told()


def write_package(
    plan: Plan,
    pictures: Sequence[PackagePicture] = (),
    notice_pdf: bytes | None = None,
    fields: Mapping[str, Field] | None = None,
) -> bytes:
    """The .zip that ``read_package`` reads back the same.

    Raises ``ValueError`` for a picture whose project, unit type or name would not be read, or whose name is used twice.
    """
    out, written = BytesIO(), set()
    with ZipFile(out, "w") as archive:  # stored: workbooks, pictures and PDFs are packed already
        archive.writestr(ZipInfo(f"{plan.code}.xlsx"), write_workbook(plan, fields))
        for each in pictures:
            path = _path(plan, each)
            if path in written:
                raise ValueError(f"two pictures of the name {path}")
            written.add(path)
            archive.writestr(ZipInfo(path), each.content)
        if notice_pdf is not None:
            archive.writestr(ZipInfo(NOTICE), notice_pdf)
    return out.getvalue()


def _path(plan: Plan, picture: PackagePicture) -> str:
    project = next((each for each in plan.projects if each.code == picture.project), None)
    if project is None or picture.unit_type not in {None, *(unit.code for unit in project.unit_types)}:
        raise ValueError(f"no {picture.project}/{picture.unit_type} in the plan")
    if not is_safe(picture.name) or suffix(picture.name) not in FORMATS:
        raise ValueError(f"a picture cannot be called {picture.name!r}")
    folders = [PICTURES, picture.project, *([] if picture.unit_type is None else [picture.unit_type])]
    return "/".join([*folders, unicodedata.normalize("NFC", picture.name)])


def _read(content: bytes, fields: Mapping[str, Field] | None, mistakes: Mistakes) -> Package | None:
    """None only when mistakes were noted."""
    if content.startswith(_OTHER_ARCHIVES):
        raise RefusedError("other_archive")
    if not content.startswith((b"PK", OLE)):
        raise RefusedError("not_a_package")
    if not content.startswith(b"PK") or is_workbook(content):
        return Package(Reading(read_sheets(Archive(content)), fields, mistakes).plan)
    parcel = Parcel(content, mistakes)
    found = sort_files(parcel.files, mistakes)
    reading = None if found.workbook is None else _workbook(parcel, found.workbook, fields, mistakes)
    pictures = _pictures(parcel, found.pictures, reading, mistakes)
    notice = None if found.notice is None else _notice(parcel, found.notice, mistakes)
    return None if reading is None else Package(reading.plan, pictures, notice)


def _workbook(parcel: Parcel, path: Path, fields: Mapping[str, Field] | None, mistakes: Mistakes) -> Reading | None:
    content = parcel.read(path, FILE_BYTES, "too_large")
    if content is None:
        return None
    try:
        sheets = read_sheets(Archive(content))
    except RefusedError as refused:
        mistakes.add(refused.key, path="/".join(path), details=refused.details)
        return None
    return Reading(sheets, fields, mistakes)


def _pictures(
    parcel: Parcel, files: Sequence[PictureFile], reading: Reading | None, mistakes: Mistakes
) -> tuple[PackagePicture, ...]:
    homes = Homes(reading, mistakes)
    pictures: list[tuple[tuple[int, int], PackagePicture]] = []
    for file in files:
        home = homes.find(file)
        content = parcel.read(file.path, PICTURE_BYTES, "picture_too_large")
        if content is not None and _is_picture(content, file.path, mistakes) and home is not None:
            picture = PackagePicture(home.project, home.unit_type, file.path[-1], content)
            pictures.append((home.place, picture))
    # files came in their natural order, which sorting keeps within each home
    return tuple(picture for _, picture in sorted(pictures, key=lambda pair: pair[0]))


def _is_picture(content: bytes, path: Path, mistakes: Mistakes) -> bool:
    shown = "/".join(path)
    if not headers.is_picture(content):
        mistakes.add("not_a_picture", path=shown)
        return False
    if (excess := headers.too_many_pixels(content)) is not None:
        width, height, limit = map(str, excess)
        details = {"width": width, "height": height, "limit": f"{int(limit) // 10_000:,}"}
        mistakes.add("picture_pixels", path=shown, details=details)
    return True


def _notice(parcel: Parcel, path: Path, mistakes: Mistakes) -> bytes | None:
    content = parcel.read(path, NOTICE_BYTES, "notice_too_large")
    if content is not None and not headers.is_pdf(content):
        mistakes.add("not_a_pdf", path="/".join(path))
    return content
