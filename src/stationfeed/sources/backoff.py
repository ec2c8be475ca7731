"""How long a source that fails is left alone."""

from __future__ import annotations

CEILING_S = 300.0
_DOUBLINGS = 32  # beyond it a float would overflow, long after the ceiling


def wait_s(failures: int, every_s: float, jitter: float) -> float:
    """Seconds until a source is asked again, after so many failures in a row.

    It is `every_s` while nothing fails, then twice that, four times, up to five minutes. `jitter` is a random number
    from 0 to 1 that takes away up to half, so that not all who saw the same server fall come back at once; what is
    left is never less than `every_s`.
    """
    longest = max(CEILING_S, every_s)
    spread = min(longest, every_s * 2.0 ** min(failures, _DOUBLINGS))
    return max(every_s, spread * (1 - jitter / 2))
