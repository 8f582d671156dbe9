"""What each file of a package is by its path, and to which project and unit type a picture belongs."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.jobs.workbook.mistakes import Mistakes
from bot.jobs.workbook.parcel import Path
from bot.jobs.workbook.reading import Reading

PICTURES = "照片"
NOTICE = "公告.pdf"
FORMATS = {".jpg", ".jpeg", ".png", ".webp"}
_WORKBOOK = ".xlsx"
_OTHER_WORKBOOKS = {".xls", ".xlsm", ".xlsb", ".xltx", ".et", ".ett", ".ods", ".csv"}
_ARCHIVES = {".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz"}


@dataclass(frozen=True, slots=True)
class PictureFile:
    """``project`` and ``unit_type`` are the folders it lies in."""

    path: Path
    project: str
    unit_type: str | None


@dataclass(frozen=True, slots=True)
class Sorted:
    workbook: Path | None
    pictures: tuple[PictureFile, ...]
    notice: Path | None


@dataclass(frozen=True, slots=True)
class Home:
    """A project or one of its unit types, by codes as the plan has them, and its place in the plan."""

    project: str
    unit_type: str | None
    place: tuple[int, int]


def sort_files(paths: Sequence[Path], mistakes: Mistakes) -> Sorted:
    """Everything may lie in a folder of its own, as it does when a folder is packed, and so may the workbook."""
    depth = _wrapping(paths)
    inner = {path: path[depth:] for path in paths}
    workbooks = [path for path in paths if _is_workbook(inner[path])]
    if len(workbooks) == 1 and len(inner[workbooks[0]]) == 2:
        home = inner[workbooks[0]][0]
        inner = {path: bare[1:] if len(bare) > 1 and bare[0] == home else bare for path, bare in inner.items()}
    if len(workbooks) > 1:
        for path in workbooks:
            mistakes.add("workbook_twice", path="/".join(path))
    elif not workbooks and not any(map(_is_misplaced_workbook, inner.values())):
        mistakes.add("workbook_missing")
    sorting = _Sorting(mistakes)
    for path in paths:
        if path not in workbooks:
            sorting.place(path, inner[path])
    return Sorted(workbooks[0] if len(workbooks) == 1 else None, tuple(sorting.pictures), sorting.notice)


def suffix(name: str) -> str:
    """With its point, in small letters; of a name that is nothing else, too."""
    _, point, end = _folded(name).rpartition(".")
    return point + end if point else ""


class _Sorting:
    def __init__(self, mistakes: Mistakes) -> None:
        self._mistakes = mistakes
        self._named: set[Path] = set()
        self.pictures: list[PictureFile] = []
        self.notice: Path | None = None

    def place(self, path: Path, inner: Path) -> None:
        kind = suffix(path[-1])
        folders = tuple(map(_folded, inner[:-1]))
        if kind in _ARCHIVES:
            self._note("nested_archive", path)
        elif kind == _WORKBOOK:
            self._note("workbook_place", path)
        elif not folders:
            self._place_outside(path, kind)
        elif folders[0] != PICTURES:
            self._note("file_unknown", path[: len(path) - len(inner) + 1])
        elif not 2 <= len(inner) - 1 <= 3:
            self._note("picture_place", path)
        elif kind not in FORMATS:
            self._note("picture_format", path)
        else:
            self.pictures.append(PictureFile(path, inner[1], inner[2] if len(inner) == 4 else None))

    def _place_outside(self, path: Path, kind: str) -> None:
        name = _folded(path[-1])
        if name == NOTICE and self.notice is None:
            self.notice = path
        elif name == NOTICE:
            self._note("file_twice", path)
        elif kind in _OTHER_WORKBOOKS:
            self._note("workbook_format", path)
        elif name.partition(".")[0] == NOTICE.partition(".")[0]:
            self._note("notice_format", path)
        else:
            self._note("file_unknown", path)

    def _note(self, key: str, path: Path) -> None:
        """Once for a folder, however many files lie in it."""
        if path not in self._named:
            self._named.add(path)
            self._mistakes.add(key, path="/".join(path))


class Homes:
    """Finds what the folders of pictures mean; a wrong one is noted once. Without a reading nothing can be found."""

    def __init__(self, reading: Reading | None, mistakes: Mistakes) -> None:
        self._mistakes = mistakes
        self._projects = [] if reading is None else list(reading.project_rows)
        self._units: dict[str, list[str]] = {}
        for project, unit_type in () if reading is None else reading.unit_rows:
            self._units.setdefault(project, []).append(unit_type)
        self._knows_projects = reading is not None and reading.knows_projects
        self._knows_units = reading is not None and reading.knows_units
        self._found: dict[Path, str | None] = {}  # folder → code

    def find(self, file: PictureFile) -> Home | None:
        folder = file.path[:-1]
        project = self._project(folder if file.unit_type is None else folder[:-1], file.project)
        if project is None:
            return None
        place = self._projects.index(project)
        if file.unit_type is None:
            return Home(project, None, (place, -1))
        unit_type = self._unit_type(folder, project, file.unit_type)
        return None if unit_type is None else Home(project, unit_type, (place, self._units[project].index(unit_type)))

    def _project(self, folder: Path, written: str) -> str | None:
        if folder not in self._found:
            self._found[folder] = found = _among(written, self._projects)
            if found is None and self._knows_projects:
                self._mistakes.add("picture_project", path="/".join(folder), details={"value": written})
        return self._found[folder]

    def _unit_type(self, folder: Path, project: str, written: str) -> str | None:
        if folder not in self._found:
            self._found[folder] = found = _among(written, self._units.get(project, ()))
            if found is None and self._knows_units:
                details = {"value": written, "project": project}
                self._mistakes.add("picture_unit_type", path="/".join(folder), details=details)
        return self._found[folder]


def _among(written: str, codes: Iterable[str]) -> str | None:
    """The code meant: Windows does not tell a from A in the names of folders."""
    bare = unicodedata.normalize("NFKC", written).strip()
    alike = [code for code in codes if code.casefold() == bare.casefold()]
    return bare if bare in alike else alike[0] if len(alike) == 1 else None


def _wrapping(paths: Sequence[Path]) -> int:
    """How many folders everything lies in."""
    depth = 0
    while paths and all(len(path) > depth + 1 and path[depth] == paths[0][depth] for path in paths):
        if _folded(paths[0][depth]) == PICTURES:
            break
        depth += 1
    return depth


def _is_workbook(inner: Path) -> bool:
    return suffix(inner[-1]) == _WORKBOOK and (len(inner) == 1 or (len(inner) == 2 and _folded(inner[0]) != PICTURES))


def _is_misplaced_workbook(inner: Path) -> bool:
    """One that is named for its place or its format: to say that there is none would only confuse."""
    kind = suffix(inner[-1])
    return kind == _WORKBOOK or (len(inner) == 1 and kind in _OTHER_WORKBOOKS)


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()
