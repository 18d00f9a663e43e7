"""The ranges of recorded sessions, for rendering and playing others over the same."""

from collections.abc import Collection
from pathlib import Path

from bridge.clips.render import What
from bridge.clips.session import Spreads, join_spreads, spreads_of
from bridge.clips.style import Style
from bridge.offline.files import find_recordings, plan
from bridge.offline.load import load
from bridge.offline.options import Options


def scale_from(path: Path, style: Style, what: Collection[What]) -> Spreads:
    """The spreads of the measures that a style uses, over a file or a folder of sessions.

    Raises:
        UserError: there is none, or one cannot be read.
    """
    options = Options(style, tuple(what))
    counted = style.zones.column if style.zones.edges == "quantile" else None
    jobs = plan(find_recordings([path]), None)
    return join_spreads(spreads_of(load(job, options), counted=counted) for job in jobs)
