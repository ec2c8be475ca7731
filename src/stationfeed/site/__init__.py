"""Which bytes are at a public address, for one state of the folder and an instant.

`serve` asks for one address, `build` for all of them. What is kept between calls only saves work: the same folder
and the same instant give the same bytes.
"""

from stationfeed.site.answers import LASTING, Answer, Document, LateDocument, Moved, PublicFile
from stationfeed.site.documents import FORMATS, NOTHING_ON_AIR, Format, Older, OnAirPart
from stationfeed.site.on_air import Live
from stationfeed.site.public import Site, wanted

__all__ = [
    "FORMATS",
    "LASTING",
    "NOTHING_ON_AIR",
    "Answer",
    "Document",
    "Format",
    "LateDocument",
    "Live",
    "Moved",
    "Older",
    "OnAirPart",
    "PublicFile",
    "Site",
    "wanted",
]
