"""Tells readings that waited in the system while the program stood still (Ctrl-Z, a lid). Pure."""

WAITED_S, AT_ONCE_S = 1.0, 0.05
"""Readings over so long that come at once, and all within so short after them, have waited: no link
has such bursts. What there was no room for came after them."""
PACE = 2.0
"""So have those that follow at such a pace: a busy system hands over what it kept in pieces."""


def more_of(waited: float | None, length_s: float, when: float, pause: float) -> bool:
    """Whether readings had waited together with others.

    Args:
        waited: when the others came, s; None where there were none.
        length_s: of the readings.
        when: they came, s.
        pause: since the delivery before, s.
    """
    return waited is not None and (when - waited <= AT_ONCE_S or length_s >= PACE * pause)
