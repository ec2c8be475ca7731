"""Whether two RSS documents say the same, element by element: a peer that says less would only look fast."""

from __future__ import annotations

from collections import Counter

from lxml import etree


def differing_elements(one: bytes, other: bytes) -> Counter[str]:
    """The names of elements that one document has more of than the other, with how many."""
    counted, against = _names(one), _names(other)
    return (counted - against) + (against - counted)


def _names(document: bytes) -> Counter[str]:
    items = etree.fromstring(document).iter("item")
    return Counter(str(element.tag) for item in items for element in item.iter())
