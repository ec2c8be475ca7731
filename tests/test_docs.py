"""The documentation says what the code does: every key, rule, option and address is in it, and its examples read."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
from enum import StrEnum
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import pytest
import typer.main

from stationfeed import cli
from stationfeed.folder.config import read_config
from stationfeed.folder.episode import read_episode
from stationfeed.folder.person import read_person
from stationfeed.folder.schedule import read_schedule
from stationfeed.folder.yaml_text import parse_yaml
from stationfeed.model.config import Config
from stationfeed.model.episode import Episode
from stationfeed.model.person import Person
from stationfeed.model.schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stationfeed.errors import Problem

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
SOURCE = ROOT / "src" / "stationfeed"

_ROW = re.compile(r"^\|(.+)\|\s*$")
_CODE = re.compile(r"`([^`]+)`")
_FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_FENCE = re.compile(r"^```(yaml|markdown)(?:[ ]+([^\n]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_RULE_IN_CHECK = re.compile(r"[A-Z]+\d+|P-[a-z]+")


def read_docs(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def tables_of(text: str) -> list[list[list[str]]]:
    """Each table as rows of cells, without its head."""
    tables: list[list[list[str]]] = [[]]
    for line in text.splitlines():
        match = _ROW.match(line)
        if match:
            tables[-1].append([cell.strip() for cell in match[1].split(" | ")])
        elif tables[-1]:
            tables.append([])
    return [table[2:] for table in tables if table]


def first_code(cell: str) -> str:
    match = _CODE.match(cell)
    return match[1] if match else ""


# What can stand in a station folder


@cache
def documented_keys() -> list[dict[str, str]]:
    """For each table of keys, the default that it gives for each."""
    return [
        {first_code(row[0]): row[2] for row in table}
        for table in tables_of(read_docs("station-folder.md"))
        if all(len(row) == 4 for row in table)
    ]


def kinds_inside(kind: Any) -> Iterator[type]:
    """The dataclasses that a type is made of, itself and what it inherits from included."""
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        yield from (base for base in kind.__mro__ if dataclasses.is_dataclass(base))
        for hint in get_type_hints(kind).values():
            yield from kinds_inside(hint)
    for argument in get_args(kind):
        yield from kinds_inside(argument)


KINDS = sorted(
    {kind for top in (Config, Episode, Person, Schedule) for kind in kinds_inside(top)},
    key=lambda kind: kind.__name__,
)


def own_defaults(kind: Any) -> dict[str, str]:
    """The fields that a class adds to those it inherits, each with its default as the documentation spells it."""
    return {
        one.name: spelt_default(one)
        for one in dataclasses.fields(kind)
        if one.name in inspect.get_annotations(kind)
    }


def spelt_default(one: Any) -> str:
    if one.default is dataclasses.MISSING:
        return "required" if one.default_factory is dataclasses.MISSING else "see below"
    if one.default in (None, ()):
        return "none"
    if isinstance(one.default, bool):
        return f"`{str(one.default).lower()}`"
    if isinstance(one.default, float):
        return f"`{one.default:g}`"
    return f"`{one.default.value if isinstance(one.default, StrEnum) else one.default}`"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_table_has_exactly_the_keys_of_the_model_with_their_defaults(kind: type) -> None:
    assert own_defaults(kind) in documented_keys()


def test_every_table_of_keys_belongs_to_the_model() -> None:
    known = [own_defaults(kind) for kind in KINDS]

    assert [sorted(table) for table in documented_keys() if table not in known] == []


# Rules


def rules_in(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="rule", value=ast.Constant(value=str() as rule)):
                yield rule
            case ast.Constant(value=str() as text) if path.name == "check.py":
                yield from [text] if _RULE_IN_CHECK.fullmatch(text) else []
            case ast.FunctionDef(args=arguments):
                yield from _default_rules(arguments)


def _default_rules(arguments: ast.arguments) -> Iterator[str]:
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if argument.arg == "rule" and isinstance(default, ast.Constant):
            yield str(default.value)


def test_every_rule_is_explained_and_nothing_else() -> None:
    used = {rule for path in SOURCE.rglob("*.py") for rule in rules_in(path)}
    documented = [first_code(row[0]) for table in tables_of(read_docs("rules.md")) for row in table]

    assert {"yaml", "field", "R6", "A8", "P-soundbite", "PSP6", "P0"} <= used
    assert sorted(documented) == sorted(used)


# Commands


def commands(group: Any, name: str = "stationfeed") -> Iterator[tuple[str, Any]]:
    """Each command by its full name; a group is only a name that others begin with."""
    for word, command in sorted(group.commands.items()):
        full_name = f"{name} {word}"
        if hasattr(command, "commands"):
            yield from commands(command, full_name)
        else:
            yield full_name, command


def options_of(command: Any) -> set[str]:
    return {
        spelling
        for parameter in command.params
        for spelling in parameter.opts
        if spelling.startswith("-") and spelling != "--help"
    }


def sections(text: str) -> dict[str, str]:
    """The text below each second-level heading."""
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_command_is_described_with_its_options() -> None:
    described = sections(read_docs("commands.md"))
    found = dict(commands(typer.main.get_command(cli.app)))

    assert sorted(described) == sorted(found)
    for name, command in found.items():
        documented = {first_code(row[0]) for table in tables_of(described[name]) for row in table}
        options = {text for text in documented if text.startswith("--")}
        assert options == options_of(command), name


def test_the_options_before_a_command_are_described() -> None:
    begin = read_docs("commands.md").partition("\n## ")[0]
    documented = {first_code(row[0]).split(" ")[0] for table in tables_of(begin) for row in table}

    assert options_of(typer.main.get_command(cli.app)) <= documented


def test_every_environment_variable_is_described() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))
    names = set(re.findall(r"STATIONFEED_[A-Z_]+[A-Z]", source))
    names |= {f"{secret}_FILE" for secret in re.findall(r'secret\("([A-Z_]+)"\)', source)}

    assert len(names) >= 3
    assert [name for name in sorted(names) if f"`{name}`" not in read_docs("commands.md")] == []


# Addresses


def spelt_addresses() -> Iterator[str]:
    """Each address of the one module that spells them, as a pattern in which the parts that vary are open."""
    tree = ast.parse((SOURCE / "model" / "addresses.py").read_text(encoding="utf-8"))
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr(values=[ast.Constant(value=str() as first), *_]) if first.startswith("/"):
                yield "".join(_pattern(part) for part in node.values)
            case ast.Constant(value=str() as text) if (
                len(text) > 1 and text[0] == "/" and id(node) not in inside
            ):
                yield re.escape(text)


def _pattern(part: ast.expr) -> str:
    return re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"(?:\{[a-z]+\}|[a-z]+)"


def test_every_public_address_is_described() -> None:
    documented = _CODE.findall(_FENCED.sub("", read_docs("addresses.md")))
    patterns = list(spelt_addresses())

    assert len(patterns) >= 9
    missing = [one for one in patterns if not any(re.fullmatch(one, address) for address in documented)]
    assert missing == []


# Examples


def examples() -> dict[str, str]:
    """Every YAML or Markdown example of every page, by page and by the name behind its fence."""
    return {
        f"{page.name}: {name}": text
        for page in sorted(DOCS.glob("*.md"))
        for _language, name, text in _FENCE.findall(page.read_text(encoding="utf-8"))
    }


@cache
def example_config() -> tuple[Config | None, tuple[Problem, ...]]:
    return read_config(examples()["station-folder.md: config.yaml"].encode(), PurePosixPath("config.yaml"))


def problems_in_schedule(data: bytes, path: PurePosixPath) -> tuple[Problem, ...]:
    config, _ = example_config()
    assert config
    return read_schedule(data, path, config)[1]


def problems_in_episode(data: bytes, path: PurePosixPath) -> tuple[Problem, ...]:
    config, _ = example_config()
    assert config
    return read_episode(data, path, config).problems


def problems_in_part_of_an_episode(data: bytes, path: PurePosixPath) -> tuple[Problem, ...]:
    head = b"---\nguid: example\ntitle: Example\nshow: newsroom\n"
    return problems_in_episode(head + data + b"---\n", path)


def problems_in_others_yaml(data: bytes, _path: PurePosixPath) -> tuple[Problem, ...]:
    """A file of another program: it only has to be YAML."""
    assert parse_yaml(data.decode()).value
    return ()


READERS: dict[str, Callable[[bytes, PurePosixPath], tuple[Problem, ...]]] = {
    "config.yaml": lambda _data, _path: example_config()[1],
    "episodes": problems_in_episode,
    "episode": problems_in_part_of_an_episode,
    "people": lambda data, path: read_person(data, path)[1],
    "schedules": problems_in_schedule,
    "prometheus.yml": problems_in_others_yaml,
}


@pytest.mark.parametrize("name", sorted(examples()))
def test_an_example_reads_without_a_problem(name: str) -> None:
    path = PurePosixPath(name.partition(": ")[2])

    found = READERS[path.parts[0]](examples()[name].encode(), path)

    assert [str(problem) for problem in found] == []


def test_every_kind_of_file_has_a_complete_example() -> None:
    names = {PurePosixPath(name.partition(": ")[2]).parts[0] for name in examples()}

    assert {"config.yaml", "episodes", "people", "schedules"} <= names


@pytest.mark.parametrize("top", [Config, Episode, Person, Schedule], ids=lambda kind: kind.__name__)
def test_a_complete_example_shows_every_key_of_its_file(top: type) -> None:
    folder = {"Config": "config.yaml", "Episode": "episodes", "Person": "people", "Schedule": "schedules"}
    text = next(one for name, one in examples().items() if f": {folder[top.__name__]}" in name)
    elsewhere = {"withdrawn"}  # stands in an example of its own: no story is ready and withdrawn

    missing = [
        one.name
        for one in dataclasses.fields(top)
        if not re.search(rf"\b{one.name}:", text) and one.name not in elsewhere
    ]

    assert missing == []


def test_links_between_the_pages_lead_somewhere() -> None:
    broken = [
        f"{page.name}: {target}"
        for page in sorted(DOCS.glob("*.md"))
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
        if not target.startswith("http") and not _leads(page, target)
    ]

    assert broken == []


def _leads(page: Path, target: str) -> bool:
    name, _, anchor = target.partition("#")
    file = page.parent / name if name else page
    return file.is_file() and (not anchor or anchor in anchors_of(file.read_text(encoding="utf-8")))


def anchors_of(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them; a heading that comes again gets a number."""
    seen: dict[str, int] = {}
    found = set()
    for heading in re.findall(r"^#{1,4} (.+)$", text, re.MULTILINE):
        plain = heading.replace("&lt;", "").replace("&gt;", "").lower().replace(" ", "-")
        anchor = re.sub(r"[^\w-]", "", plain)
        found.add(f"{anchor}-{seen[anchor]}" if anchor in seen else anchor)
        seen[anchor] = seen.get(anchor, 0) + 1
    return found
