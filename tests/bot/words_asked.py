"""Which words the flows ask for, read off their sources: errors, notices, toasts, messages, and their values.

Flows name them in a few ways only: ``turn.error("key", value=…)``, ``notice``, ``pop_up``, ``Invalid("key", …)``,
``Say("key", {…})``, pairs of a key and its values, and three f-strings whose endings are listed here.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.jobs.pictures import Reason
from flows.engine.fields import Kind

FLOWS = Path(__file__).parents[2] / "flows"
ENDINGS = {
    "sms_": ("refused", "expired"),
    "identity_": ("match", "mismatch", "taken", "given_up"),
    "picture_": (*(reason.value for reason in Reason), "gone"),
}
_CALLS = {
    "error": "error",
    "notice": "notice",
    "pop_up": "toast",
    "Say": "say",
    "Invalid": "error",
}
# What the bot itself says, whatever the flows do.
OF_THE_BOT = {"say_turn_failed", "say_keyboard_gone", "say_job_late", "toast_stale"}

Asked = dict[str, set[str]]


def asked() -> Asked:
    """Block names, each with the names of the values that it is given."""
    found: Asked = defaultdict(set)
    for path in sorted(FLOWS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for block, values in _asked_by(node):
                found[block] |= values
    for kind in _kinds(Kind):
        for key in kind.errors:
            found[f"error_{key}"].add("question")
    for key in ENDINGS["picture_"]:
        found[f"error_picture_{key}"].add("question")
    for block in OF_THE_BOT:
        found[block] |= set()
    return found


def _kinds(kind: type[Kind]) -> Iterator[type[Kind]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _kinds(below)


def _asked_by(node: ast.AST) -> Iterator[tuple[str, set[str]]]:
    match node:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=[first, *rest]) if name in _CALLS:
            values = {keyword.arg for keyword in node.keywords if keyword.arg} | _keys(rest)
            for key in _strings(first):
                yield f"{_CALLS[name]}_{key}", values
        case ast.Return(value=ast.Tuple(elts=[ast.Constant(value=str(key)), ast.Dict() as given])):
            yield f"error_{key}", _keys([given])
        case ast.Return(value=ast.IfExp(body=ast.Tuple(elts=[ast.Constant(value=str(key)), ast.Dict() as given]))):
            yield f"error_{key}", _keys([given])
        case ast.FunctionDef(name="check"):
            for inner in ast.walk(node):
                match inner:
                    case ast.IfExp(body=ast.Constant(value=str(key))):
                        yield f"error_{key}", {"question"}
        case ast.Constant(value=str(key)) if key.startswith("expects_"):
            yield f"error_{key}", set()


def _keys(given: Iterable[ast.expr]) -> set[str]:
    dicts = [node for node in given if isinstance(node, ast.Dict)]
    return {
        key.value for node in dicts for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }


def _strings(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(key)):
            yield key
        case ast.IfExp(body=body, orelse=orelse):
            yield from _strings(body)
            yield from _strings(orelse)
        case ast.JoinedStr(values=[ast.Constant(value=str(beginning)), *_]):
            yield from (beginning + ending for ending in ENDINGS[beginning])
