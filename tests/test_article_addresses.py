"""An article's plain addresses take a short way that changes nothing."""

from __future__ import annotations

import re
from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from stationfeed.folder.article import PLAIN_URL, render_article

PAGE = "https://news.kxmp.example/stories/water"


@given(st.from_regex(PLAIN_URL, fullmatch=True))
def test_a_plain_address_is_what_the_long_way_makes_of_it(url: str) -> None:
    parser = MarkdownIt("commonmark")
    assert parser.validateLink(url)
    assert parser.normalizeLink(url) == urljoin(PAGE, url) == url


@pytest.mark.parametrize(
    ("written", "given_out"),
    [
        ("https://city.example/water", "https://city.example/water"),
        ("https://city.example/a/../b", "https://city.example/a/../b"),
        ("https://CITY.example/w\u00e4ter", "https://CITY.example/w%C3%A4ter"),
        ("../people/ada", "https://news.kxmp.example/people/ada"),
        ("/about", "https://news.kxmp.example/about"),
        ("#more", "https://news.kxmp.example/stories/water#more"),
    ],
)
def test_a_link_leads_where_it_led_from_the_story(written: str, given_out: str) -> None:
    html = render_article(f"[here]({written})", PAGE).html
    assert re.findall('href="([^"]*)"', html) == [given_out]
