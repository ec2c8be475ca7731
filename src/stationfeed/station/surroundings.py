"""Everything in a station folder but the episodes: configuration, people, schedules, the brand's pictures."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO, TypeVar
from zoneinfo import ZoneInfo

from stationfeed.audio.probe import probe_master
from stationfeed.errors import ContentError, FolderError, NotFoundError, Problem, UnreadableMediaError
from stationfeed.feeds.channel import Surroundings
from stationfeed.folder.assets import probe_picture
from stationfeed.folder.config import read_config
from stationfeed.folder.paths import open_inside, read_bounded
from stationfeed.folder.person import read_person
from stationfeed.folder.reader import CONFIG, PEOPLE, SCHEDULES, list_files, slug_problem
from stationfeed.folder.schedule import read_schedule
from stationfeed.model.config import Limits
from stationfeed.model.words import Slug
from stationfeed.station.renditions import Idents, Studio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path, PurePosixPath

    from stationfeed.model.config import Config
    from stationfeed.model.episode import PictureFile
    from stationfeed.model.person import Profile
    from stationfeed.model.rendition import MasterFile
    from stationfeed.model.schedule import Schedule
    from stationfeed.model.words import Url

Facts = TypeVar("Facts")


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """What was read, the problems by the file they are in, and a context that decides how episodes are read."""

    studio: Studio
    schedules: Mapping[Slug, Schedule]
    problems: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)

    @property
    def around(self) -> Surroundings:
        return self.studio.around

    @property
    def config(self) -> Config:
        return self.around.config

    @property
    def all_problems(self) -> list[Problem]:
        return [one for problems in self.problems.values() for one in problems]

    @property
    def context(self) -> str:
        config = self.around.config
        shows = {one: (show.station, show.rights) for one, show in config.shows.items()}
        stations = {one: (item.timezone, tuple(item.services)) for one, item in config.stations.items()}
        return sha256(repr((shows, stations, config.limits, self._recipe())).encode()).hexdigest()

    def _recipe(self) -> object:
        """What the renditions of every episode are made of, and labelled with, beside its own folder."""
        config, around = self.around.config, self.around
        if not config.audio.renditions:
            return None
        labels = {
            one: (show.title, show.copyright, show.artwork, config.stations[show.station].name)
            for one, show in config.shows.items()
        }
        names = {one: profile.person.name for one, profile in around.people.items()}
        return (
            config.audio,
            self.studio.idents,
            labels,
            names,
            {path: picture.sha256 for path, picture in around.pictures.items()},
            config.organization.copyright,
            self.studio.base_url,
        )


def load_surroundings(root: Path, base_url: Url | None, last_good: Loaded | None) -> Loaded:
    """Everything but the episodes; `base_url` overrides the configuration's.

    A broken config.yaml keeps the last good one, with its problems; without one, ContentError is raised.
    """
    fresh, problems = _config(root)
    if fresh is None and last_good is None:
        raise ContentError(problems)
    written = fresh.site.base_url if fresh else last_good.studio.base_url  # type: ignore[union-attr]
    if fresh is not None and base_url:
        fresh = replace(fresh, site=replace(fresh.site, base_url=base_url))
    config = fresh or last_good.config  # type: ignore[union-attr]  # one of the two is there
    found: dict[str, tuple[Problem, ...]] = {str(CONFIG): problems}
    people = dict(_people(root, found))
    around = Surroundings(
        config=config,
        people=people,
        pictures=dict(_pictures(root, config, people, found)),
        zones={one: ZoneInfo(station.timezone) for one, station in config.stations.items()},
    )
    idents = Idents(
        before=_ident(root, config.audio.ident_before, config, found),
        after=_ident(root, config.audio.ident_after, config, found),
    )
    return Loaded(
        studio=Studio(around=around, idents=idents, base_url=written),
        schedules=dict(_schedules(root, config, last_good.schedules if last_good else {}, found)),
        problems=found,
    )


def _config(root: Path) -> tuple[Config | None, tuple[Problem, ...]]:
    try:
        data = read_bounded(root, CONFIG, Limits().config_bytes)[0]
    except (FolderError, NotFoundError) as error:
        remedy = "A station folder needs one. Type: stationfeed new station"
        return None, (Problem(path=CONFIG, message=f"cannot be read: {error}", remedy=remedy, rule="config"),)
    return read_config(data, CONFIG)


def _people(root: Path, found: dict[str, tuple[Problem, ...]]) -> Iterator[tuple[str, Profile]]:
    for path, data in _texts(root, PEOPLE, ".md", found):
        profile, problems = read_person(data, path)
        _note(found, path, problems)
        if profile:
            yield path.stem, profile


def _schedules(
    root: Path, config: Config, last_good: Mapping[Slug, Schedule], found: dict[str, tuple[Problem, ...]]
) -> Iterator[tuple[Slug, Schedule]]:
    """The schedule of each service; a broken file leaves it as it was, since most of a week stays true."""
    for path, data in _texts(root, SCHEDULES, ".yaml", found):
        schedule, problems = read_schedule(data, path, config)
        _note(found, path, problems)
        service_id = Slug(path.stem)
        kept = schedule or last_good.get(service_id)
        if kept and service_id in config.services:
            yield service_id, kept


def _texts(
    root: Path, folder: PurePosixPath, suffix: str, found: dict[str, tuple[Problem, ...]]
) -> Iterator[tuple[PurePosixPath, bytes]]:
    for path, _stamp in list_files(root, folder, suffix):
        misnamed = slug_problem(path.stem, path)
        if misnamed:
            _note(found, path, (misnamed,))
            continue
        try:
            yield path, read_bounded(root, path, Limits().config_bytes)[0]
        except NotFoundError:
            continue
        except FolderError as error:
            _note(found, path, (_unreadable(path, error.reason),))


def _pictures(
    root: Path, config: Config, people: Mapping[str, Profile], found: dict[str, tuple[Problem, ...]]
) -> Iterator[tuple[PurePosixPath, PictureFile]]:
    for path, named_in in _picture_paths(config, people):
        picture = _probed(
            root, path, named_in, partial(probe_picture, limits=config.limits), found, rule="picture"
        )
        if picture:
            yield path, picture


def _ident(
    root: Path, path: PurePosixPath | None, config: Config, found: dict[str, tuple[Problem, ...]]
) -> MasterFile | None:
    """An ident that can be heard; without it, a story is published with none rather than not at all."""
    if path is None or not config.audio.renditions:
        return None
    return _probed(root, path, CONFIG, partial(probe_master, limits=config.limits), found, rule="ident")


def _probed(
    root: Path,
    path: PurePosixPath,
    named_in: PurePosixPath,
    probe: Callable[[BinaryIO, PurePosixPath], Facts],
    found: dict[str, tuple[Problem, ...]],
    *,
    rule: str,
) -> Facts | None:
    """What a file of the brand is; None, with a problem, where it cannot be used."""
    try:
        with open_inside(root, path) as file:
            return probe(file, path)
    except NotFoundError:
        _note(found, path, (_unreadable(path, f"is not there, but {named_in} names it"),))
    except UnreadableMediaError as error:
        problem = Problem(path=path, message=error.reason, remedy=error.remedy, rule=rule)
        _note(found, path, (problem,))
    except FolderError as error:
        _note(found, path, (_unreadable(path, error.reason),))
    return None


def _picture_paths(
    config: Config, people: Mapping[str, Profile]
) -> Iterator[tuple[PurePosixPath, PurePosixPath]]:
    """Each picture that is public beside the stories', once, with the file that names it."""
    named: dict[PurePosixPath, PurePosixPath] = {}
    for one in (*config.shows.values(), *config.feeds.values()):
        if one.artwork:
            named.setdefault(one.artwork, CONFIG)
    for station in config.stations.values():
        if station.logo:
            named.setdefault(station.logo, CONFIG)
    for person_id, profile in people.items():
        if profile.person.photo:
            named.setdefault(profile.person.photo.file, PEOPLE / f"{person_id}.md")
    yield from named.items()


def _note(found: dict[str, tuple[Problem, ...]], path: PurePosixPath, problems: tuple[Problem, ...]) -> None:
    found[str(path)] = (*found.get(str(path), ()), *problems)


def _unreadable(path: PurePosixPath, reason: str) -> Problem:
    return Problem(
        path=path, message=reason, remedy="Check the file's name and its permissions.", rule="file"
    )
