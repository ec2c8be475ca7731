"""Titles as machines send them, made plain text."""

from __future__ import annotations

import html
import re

# Without its semicolon `&notes` would become a sign and a rest.
_ENTITY = re.compile(r"&#?\w{1,31};")
_BREAKS = re.compile(r"</?(?:br|div|li|p|td|tr)(?:[\s/][^<>]*)?>", re.IGNORECASE)
_NAMES = "a|abbr|b|big|body|center|cite|code|em|font|h[1-6]|head|html|i|iframe|img|link|marquee|meta|ol|pre|s|script"
# Tags by their names: `A <3 B` has none, nor has `Song <Remix>`.
_TAGS = re.compile(
    rf"</?(?:{_NAMES}|small|span|strong|style|sub|sup|svg|table|title|tt|u|ul)(?:[\s/][^<>]*)?>|<!--[^<>]*>",
    re.IGNORECASE,
)
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# Halves of letters, what is no letter or has no width, and what turns the writing of the rest of the page round.
_UNSEEN = re.compile(
    "[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\ufeff\u200b\u2060\u00ad\u202a-\u202e\u2066-\u2069]"
)
_READABLE = re.compile("[^-\u2010-\u2015 _|/:;,.\ufffd\u200c-\u200f\u2800\u3164]")


def clean_title(text: str) -> str | None:
    """One line of plain text; None where nothing in it can be read, such as the hyphen between two empty names."""
    decoded = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    untagged = _TAGS.sub("", _BREAKS.sub(" ", decoded))
    line = " ".join(_UNSEEN.sub("", _CONTROLS.sub(" ", untagged)).split())
    return line if _READABLE.search(line) else None
