"""Which bytes are at a public address, for one state of the folder and an instant.

`serve` asks for one address, `build` for all of them. What is kept between calls only saves work: the same folder
and the same instant give the same bytes.
"""

from stationfeed.site.answers import Answer, Document, LateDocument, Moved, PublicFile
from stationfeed.site.documents import FORMATS, Format, Older
from stationfeed.site.public import Site, wanted

__all__ = [
    "FORMATS",
    "Answer",
    "Document",
    "Format",
    "LateDocument",
    "Moved",
    "Older",
    "PublicFile",
    "Site",
    "wanted",
]
