"""`python -m benchmarks [--quick] [NAME ...]`: the named benchmarks, or all of them."""

from __future__ import annotations

import sys

from benchmarks import audio_figures, events, first_render, on_air, opening, pages, republish, serving
from benchmarks.figures import print_table

BENCHMARKS = {
    "republish": republish,
    "first_render": first_render,
    "serving": serving,
    "opening": opening,
    "pages": pages,
    "on_air": on_air,
    "events": events,
    "audio_figures": audio_figures,
}


def main(arguments: list[str]) -> None:
    quick = "--quick" in arguments
    names = [one for one in arguments if one != "--quick"] or list(BENCHMARKS)
    for name in names:
        if name not in BENCHMARKS:
            print(f"There is no benchmark {name}; there are: {', '.join(BENCHMARKS)}")
            continue
        print(f"\n{name}: {BENCHMARKS[name].TITLE}")
        print_table(BENCHMARKS[name].run(quick=quick))


if __name__ == "__main__":
    main(sys.argv[1:])
