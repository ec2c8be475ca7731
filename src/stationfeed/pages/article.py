"""An article as a page shows it: nothing of it is fetched from another site, and what is wide can be scrolled by key."""

from __future__ import annotations

import re

from lxml import html as lxml_html

_NEEDS_CARE = re.compile(r"<(?:img|pre|table)\b")


def fit_for_page(article_html: str) -> str:
    """Pictures of other sites become links to them: a page asks nobody else for anything."""
    if not _NEEDS_CARE.search(article_html):
        return article_html
    root = lxml_html.fragment_fromstring(article_html, create_parent="div")
    for picture in root.findall(".//img"):
        picture.getparent().replace(picture, _instead_of(picture))
    for wide in root.xpath(".//pre | .//table"):
        wide.set("tabindex", "0")
    whole: str = lxml_html.tostring(root, encoding="unicode")
    return whole.removeprefix("<div>").removesuffix("</div>")


def _instead_of(picture: lxml_html.HtmlElement) -> lxml_html.HtmlElement:
    """A link, unless the picture stands in one."""
    is_linked = any(one.tag == "a" for one in picture.iterancestors())
    words = picture.get("alt") or "on another site"
    made = lxml_html.Element("span" if is_linked else "a")
    if not is_linked:
        made.set("href", picture.get("src", ""))
    made.set("class", "elsewhere")
    made.text, made.tail = f"Picture: {words}", picture.tail
    return made
