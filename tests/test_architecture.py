"""The house holds: what is pure stays pure, what is small stays small."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "stationfeed"
TESTS = Path(__file__).parent
PURE = sorted(
    path
    for room in ("errors.py", "site", "model", "schedule", "feeds")
    for path in ([SOURCE / room] if room.endswith(".py") else (SOURCE / room).rglob("*.py"))
)
MODULES = sorted(SOURCE.rglob("*.py"))

CLOCKS = {"now", "today", "utcnow", "monotonic", "perf_counter", "time_ns"}
WORLD = {"open", "environ", "getenv", "Path", "print", "input", "uuid4", "uuid1", "random", "urandom"}


def _names_used(tree: ast.AST) -> set[str]:
    """Names called or read from a module or object: `datetime.now`, `open`, `os.environ`."""
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }
    return called | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def _functions(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function without its docstring."""
    body = function.body
    has_docstring = ast.get_docstring(function) is not None
    first = body[1] if has_docstring and len(body) > 1 else body[0]
    return (
        (function.end_lineno or 0)
        - first.lineno
        + 1
        + (body[0].lineno - function.lineno if not has_docstring else 1)
    )


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_pure_room_knows_no_clock_no_disk_and_no_environment(path: Path) -> None:
    used = _names_used(ast.parse(path.read_text(encoding="utf-8")))
    assert not used & (CLOCKS | WORLD)


def test_the_guard_of_the_pure_rooms_sees_a_planted_clock() -> None:
    assert "now" in _names_used(ast.parse("from datetime import datetime\nstamp = datetime.now()"))
    assert "environ" in _names_used(ast.parse("import os\nos.environ['X']"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_is_small_enough_to_be_read(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert len(text.splitlines()) < 400
    assert [one.name for one in _functions(tree) if _lines(one) >= 50] == []
    handlers = [node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)]
    assert [handler.lineno for handler in handlers if handler.type is None] == []


def test_most_functions_say_one_thing() -> None:
    lengths = [
        _lines(one) for path in MODULES for one in _functions(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert statistics.median(lengths) <= 8


def test_tests_use_the_real_parts() -> None:
    mocked = [
        path.name
        for path in TESTS.rglob("*.py")
        if path != Path(__file__) and "unittest.mock" in path.read_text(encoding="utf-8")
    ]
    assert mocked == []


def test_no_file_names_where_packages_come_from_or_this_machine() -> None:
    root = TESTS.parent
    files = [
        *root.glob("requirements/*.txt"),
        root / "Makefile",
        root / "pyproject.toml",
        *root.glob("tools/*.sh"),
    ]
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert "://" not in text.replace("http://127.0.0.1:8000", "")
        assert "/work/" not in text
