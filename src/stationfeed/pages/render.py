"""Pages → HTML, through one template each; everything is escaped but what is HTML by name."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from stationfeed.pages.colors import readable
from stationfeed.pages.values import CorrectionsPage, ListPage, LivePage, SchedulePage, StoryPage

if TYPE_CHECKING:
    from stationfeed.pages.values import Brand, Page

_TEMPLATES: dict[type, str] = {
    StoryPage: "story.html",
    ListPage: "list.html",
    LivePage: "live.html",
    SchedulePage: "schedule.html",
    CorrectionsPage: "corrections.html",
}
_PAPER, _NIGHT = "#ffffff", "#15181c"
_PRIMARY, _ACCENT = "#1d3f5e", "#b3261e"


def render_page(page: Page, brand: Brand) -> bytes:
    template = _environment().get_template(_TEMPLATES[type(page)])
    return template.render(page=page, head=page.head, brand=brand).encode()


def render_stylesheet(primary: str | None, accent: str | None) -> bytes:
    """The one stylesheet, with a station's colours made readable on a light and on a dark ground."""
    colors = {
        f"{name}_{ground}": readable(color, paper)
        for name, color in (("primary", primary or _PRIMARY), ("accent", accent or _ACCENT))
        for ground, paper in (("light", _PAPER), ("dark", _NIGHT))
    }
    return _environment().get_template("site.css").render(paper=_PAPER, night=_NIGHT, **colors).encode()


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
