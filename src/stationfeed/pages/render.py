"""Pages → HTML, through one template each; everything is escaped but what is HTML by name."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from stationfeed.pages.colors import readable
from stationfeed.pages.values import (
    BrowsePage,
    CorrectionsPage,
    DayPage,
    EmbedPage,
    ListPage,
    LivePage,
    RefusalPage,
    SchedulePage,
    SearchPage,
    StoryPage,
    SubscribePage,
)

if TYPE_CHECKING:
    from stationfeed.pages.values import Brand, Page

_TEMPLATES: dict[type, str] = {
    StoryPage: "story.html",
    ListPage: "list.html",
    LivePage: "live.html",
    SchedulePage: "schedule.html",
    CorrectionsPage: "corrections.html",
    DayPage: "day.html",
    BrowsePage: "browse.html",
    SearchPage: "search.html",
    SubscribePage: "subscribe.html",
    EmbedPage: "embed.html",
    RefusalPage: "refusal.html",
}
_PAPER, _NIGHT = "#ffffff", "#15181c"
_WASH, _NIGHT_WASH = "#f3f4f6", "#1f242a"
"""Grounds of boxes; what can be read on them can be read on paper, too."""


def render_page(page: Page, brand: Brand) -> bytes:
    template = _environment().get_template(_TEMPLATES[type(page)])
    return template.render(page=page, head=page.head, brand=brand).encode()


def render_embedding(address: str, title: str, width: int, height: int) -> str:
    """The frame in which another site shows a page of ours; sizes in pixels."""
    template = '<iframe src="{}" title="{}" width="{}" height="{}" loading="lazy" allow="autoplay"></iframe>'
    return str(Markup(template).format(address, title, width, height))


def render_stylesheet(primary: str, accent: str) -> bytes:
    """The one stylesheet, with a station's colours made readable on a light and on a dark ground."""
    colors = {
        f"{name}_{theme}": readable(color, ground)
        for name, color in (("primary", primary), ("accent", accent))
        for theme, ground in (("light", _WASH), ("dark", _NIGHT_WASH))
    }
    grounds = {"paper": _PAPER, "night": _NIGHT, "wash": _WASH, "night_wash": _NIGHT_WASH}
    return _environment().get_template("site.css").render(**grounds, **colors).encode()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("stationfeed.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["html"] = Markup
    return environment
