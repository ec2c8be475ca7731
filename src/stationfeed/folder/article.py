"""An article in Markdown → HTML that is safe in any page and any app, with absolute addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import nh3
from markdown_it import MarkdownIt

from stationfeed.model.episode import Article

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

ARTICLE_RENDERER = "2"
"""Raised when the same Markdown gives other HTML, so that kept HTML is made again."""

NESTING_LIMIT = 20
_SCHEMES = {"http", "https", "mailto", "tel"}
_TAGS = set(  # noqa: C405 - a list of words reads better
    [
        "a",
        "abbr",
        "b",
        "blockquote",
        "br",
        "caption",
        "cite",
        "code",
        "del",
        "dd",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
        "li",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "time",
        "tr",
        "ul",
    ]
)
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start"},
    "th": {"align"},
    "td": {"align"},
    "time": {"datetime"},
}


# An address as most are: Markdown's own check and spelling of addresses leaves it as it is, and so does a join.
PLAIN_URL = re.compile(r"https?://(?:[a-z0-9-]{1,40}\.){1,4}[a-z]{2,20}(?:/[A-Za-z0-9_-]+)*/?")


class _Parser(MarkdownIt):
    """Takes no time over a plain address: the rules for any address cost a fifth of an article."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 - as markdown-it-py calls it
        return _is_plain(url) or super().validateLink(url)

    def normalizeLink(self, url: str) -> str:  # noqa: N802 - as markdown-it-py calls it
        return url if _is_plain(url) else super().normalizeLink(url)


def _is_plain(url: str) -> bool:
    return PLAIN_URL.fullmatch(url) is not None


_FORM_FEED = "\f"
"""HTML allows it, and Markdown writes it as `&#12;`; no XML may hold it, so no feed could."""


def _markdown() -> MarkdownIt:
    parser = _Parser("commonmark", {"html": False, "maxNesting": NESTING_LIMIT})
    return parser.enable(["table", "strikethrough"])


_MARKDOWN = _markdown()


def render_article(markdown: str, address: str) -> Article:
    """The HTML of an article that stands at `address`; relative links are resolved against it.

    Raw HTML in the Markdown stays text. Headings begin at the second level (the title is the first), scripts,
    unknown schemes and pictures without an absolute address are left out.
    """
    tokens = _MARKDOWN.parse(markdown)
    lead = _first_paragraph(tokens)
    for token in tokens:
        if token.tag == "h1":
            token.tag = "h2"
        token.children = list(_children(token.children or [], address)) if token.children else token.children
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return Article(html=sanitise(html), lead=lead)


def sanitise(html: str) -> str:
    cleaned = nh3.clean(
        html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None, strip_comments=True
    )
    return cleaned.replace(_FORM_FEED, " ").strip()


def _children(tokens: list[Token], address: str) -> Iterator[Token]:
    for token in tokens:
        if token.type == "image" and not _is_absolute(str(token.attrGet("src"))):
            continue
        if token.type == "link_open":
            href = str(token.attrGet("href"))
            token.attrSet("href", href if _is_plain(href) else urljoin(address, href))
        yield token


def _is_absolute(url: str) -> bool:
    return urlsplit(url).scheme in ("http", "https")


def _first_paragraph(tokens: list[Token]) -> str | None:
    inside = False
    for token in tokens:
        if token.type == "paragraph_open" and token.level == 0:
            inside = True
        elif inside and token.type == "inline":
            text = " ".join("".join(_plain(token.children or [])).split())
            if text:
                return text
            inside = False
    return None


def _plain(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in ("text", "code_inline"):
            yield token.content
        elif token.type in ("softbreak", "hardbreak"):
            yield " "
