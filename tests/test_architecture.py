"""The rooms know each other in one direction only: main → bot → storage → flows. And flows are pure."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = {"flows": {"storage", "bot", "main"}, "storage": {"bot", "main"}, "bot": {"main"}, "main.py": {"main"}}
AROUND = {"tests", "benchmarks", "."}  # and relative imports: every module is called by its room
IMPURE = {
    *("asyncio", "concurrent", "threading", "multiprocessing", "subprocess", "signal", "select", "selectors"),
    *("os", "pathlib", "io", "shutil", "tempfile", "glob", "sqlite3", "pickle", "socket", "ssl", "http", "urllib"),
    *("time", "random", "secrets", "uuid", "logging", "locale", "platform", "ctypes", "importlib"),
}
LOOKS_AROUND = {"now", "utcnow", "today", "open", "print", "input", "eval", "exec", "__import__"}


def nodes(room: str) -> Iterator[tuple[Path, ast.AST]]:
    for path in sorted((ROOT / room).rglob("*.py")) or [ROOT / room]:
        yield from ((path, node) for node in ast.walk(ast.parse(path.read_text("utf-8"))))


def imports(room: str) -> Iterator[tuple[Path, str]]:
    for path, node in nodes(room):
        match node:
            case ast.Import(names=names):
                yield from ((path, name.name.split(".")[0]) for name in names)
            case ast.ImportFrom(module=module, level=level):
                yield path, "." if level else str(module).split(".")[0]


def test_a_room_knows_itself_and_those_below_only() -> None:
    assert [
        (path, name) for room, above in ROOMS.items() for path, name in imports(room) if name in above | AROUND
    ] == []


def test_flows_are_pure() -> None:
    allowed = {"flows", "transitions"} | sys.stdlib_module_names - IMPURE
    assert [(path, name) for path, name in imports("flows") if name not in allowed] == []
    assert [path for path, node in nodes("flows") if isinstance(node, ast.AsyncFunctionDef | ast.Global)] == []


def test_flows_look_at_no_clock_and_no_file() -> None:
    called = []
    for path, node in nodes("flows"):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="date" | "datetime"), attr=name) | ast.Name(id=name)):
                called.append((path, name))
    assert [(path, name) for path, name in called if name in LOOKS_AROUND] == []
