"""people/<id>.md → a profile."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stationfeed.folder.document import split_document
from stationfeed.folder.scalars import without_unprintable
from stationfeed.folder.shape import FAULT, Reading, read_shape, text_problem
from stationfeed.folder.yaml_text import YamlFaultError, parse_yaml
from stationfeed.model.person import Person, Profile

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from stationfeed.errors import Problem


def read_person(data: bytes, path: PurePosixPath) -> tuple[Profile | None, tuple[Problem, ...]]:
    """The profile, its photo's path from the station folder, and every problem.

    None where an error makes it unusable.
    """
    try:
        document = split_document(data.decode("utf-8"))
        text = parse_yaml(document.yaml_text, first_line=document.yaml_line)
    except (YamlFaultError, UnicodeDecodeError) as error:
        return None, (text_problem(path, error),)
    reading = Reading(path, text)
    person = read_shape(Person, text.value, reading)
    if person is FAULT:
        return None, tuple(reading.problems)
    if person.photo:
        person = replace(person, photo=replace(person.photo, file=path.parent / person.photo.file))
    profile = Profile(person=person, bio=without_unprintable(document.body).strip())
    return profile, tuple(reading.problems)
