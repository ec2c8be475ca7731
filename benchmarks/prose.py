"""News that nobody reported: text as varied as a newsroom's, the same on every machine."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

_COMMON = (  # noqa: SIM905 - a list of words reads better
    "the of and to in a for that on with is was by at from as it this which be were not have but has or their "
    "after who more an than its they one about up out would also said will can two been when over into if could "
    "last new first other some county city year people time before since while during under between each"
).split()
_STEMS = (  # noqa: SIM905 - as above
    "account adapt agree allot arrange assign attend balance bargain board borrow bridge budget build camp carry "
    "charge charter claim clear collect commit compost conduct connect consent contract correct council count "
    "cover craft debate defer deliver deposit design direct discuss district divert document draft drain elect "
    "employ enforce engage establish estimate expand farm fence filter finance flood forecast forest fund garden "
    "gather govern grant harvest heat hire house inform inspect insure invest irrigate judge labor land launch lease "
    "license litter maintain market measure meet mend mine monitor neighbor offer open operate order organize orchard "
    "paint park pasture patrol pave permit petition plant plow police predict present propose protect pump question "
    "quarry railroad ranch record recover refuse register rent repair replace report request rescue reserve restore "
    "review river road sample school season seed settle shelter signal snow station store study survey teach tender "
    "test tour track trade train transfer transport treat trust update valley value vote warn water weather well work"
).split()
_ENDINGS = ("", "s", "ed", "ing", "er", "ers", "ment", "able", "ation", "less")
_FIRST = (
    "al",
    "be",
    "cor",
    "dan",
    "el",
    "fen",
    "gar",
    "hol",
    "is",
    "jor",
    "kel",
    "lo",
    "mar",
    "nor",
    "os",
    "pel",
)
_SECOND = ("a", "be", "do", "fi", "gri", "hu", "ka", "li", "mo", "ne", "ra", "su", "ti", "vo", "we", "zy")
_LAST = (
    "by",
    "dale",
    "den",
    "field",
    "ford",
    "ham",
    "land",
    "ley",
    "man",
    "ness",
    "quist",
    "sen",
    "son",
    "ton",
)
_OPENINGS = (
    "",
    "",
    "",
    "On Tuesday, ",
    "By then, ",
    "For now, ",
    "Even so, ",
    "In a letter, ",
    "Last spring, ",
)


@cache
def _names() -> tuple[str, ...]:
    return tuple("".join(parts).title() for parts in product(_FIRST, _SECOND, _LAST))


@cache
def _terms() -> tuple[str, ...]:
    return tuple("".join(parts) for parts in product(_STEMS, _ENDINGS))


class Writer:
    """Writes by the dice it was given, so that equal dice write equal words."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice

    def name(self) -> str:
        return f"{self.dice.choice(_names())} {self.dice.choice(_names())}"

    def headline(self) -> str:
        words = [self._word() for _ in range(self.dice.randint(5, 10))]
        return f"{self.dice.choice(_names())} {' '.join(words)}"

    def sentence(self) -> str:
        words = " ".join(self._word() for _ in range(self.dice.randint(8, 24)))
        return f"{self.dice.choice(_OPENINGS)}{words}.".capitalize()

    def article(self, size_bytes: int) -> str:
        """Markdown of about that size: paragraphs, and now and then a heading, a quotation, a link or a list."""
        parts: list[str] = []
        while (left := size_bytes - sum(len(part) + 2 for part in parts)) > 0:
            parts.append(self._part()[: left + 200])
        return "\n\n".join(parts) + "\n"

    def _part(self) -> str:
        sort = self.dice.random()
        if sort < 0.10:
            return f"## {self.headline()}"
        if sort < 0.25:
            return f'> "{self.sentence()}" says {self.name()}. "{self.sentence()}"'
        if sort < 0.32:
            return "\n".join(f"- **{self._word()}**: {self.sentence()}" for _ in range(3))
        return " ".join([*(self.sentence() for _ in range(self.dice.randint(2, 5))), self._linked()])

    def _linked(self) -> str:
        place = self._word()
        return (
            f"[{self.headline()}](https://www.{place}.example/{self.dice.randrange(10**6)}) *{self._word()}*."
        )

    def _word(self) -> str:
        chance = self.dice.random()
        if chance < 0.45:
            return self.dice.choice(_COMMON)
        if chance < 0.95:
            return self.dice.choice(_terms())
        return self.dice.choice(_names()) if chance < 0.98 else str(self.dice.randint(2, 9999))
