"""A page to explore a session: signal, beats, intervals, measures and clips over one time axis.

One file that needs no network: plotly.js, all samples, and scripts that draw as much of them as the
window shows.
"""

import json
from collections.abc import Sequence
from html import escape
from importlib.resources import files

from bridge.analysis.analyze import Analysis
from bridge.analysis.plot.look import title_of
from bridge.clips.smf import source_mark
from bridge.clips.style import Style
from bridge.errors import UserError
from bridge.offline.load import LONGEST_LEAD_S
from bridge.offline.options import Shown
from bridge.offline.page.rows import clip_rows, recorded_rows
from bridge.offline.page.spans import gaps_in, phases_in

_SCRIPTS = ("window.js", "figure.js", "page.js")


def session_page(
    analysis: Analysis, source: str, shown: Sequence[Shown] = (), style: Style | None = None
) -> bytes:
    """Return the page as HTML, the same bytes for the same session; it says what it was made from.

    Samples are kept in 16 bits of their range: whole numbers of a converter as they are, others to
    1/65534 of the range. 24 minutes at 500 Hz with all clips make a file of 7.6 MB, of which 4.8
    are plotly.js.

    Args:
        analysis: of the recording.
        source: what the page is marked as made from.
        shown: clips that were rendered of it.
        style: that they were rendered in.

    Raises:
        UserError: there is nothing to draw.
    """
    from plotly.offline import get_plotlyjs

    t = analysis.table["t"]
    begin = float(t[0]) if len(t) else 0.0
    end = max(analysis.end_s, begin + 1.0)
    rows = [*recorded_rows(analysis, begin), *clip_rows(shown, style, begin)]
    if not rows:
        raise UserError(f"{analysis.recording.path}: no interval and no measure to draw")
    data = {
        "begin": begin,
        "end": end,
        "zero": begin if begin > LONGEST_LEAD_S else 0.0,
        "phases": phases_in(analysis, begin, end),
        "gaps": gaps_in(analysis),
        "rows": rows,
    }
    own = files(__package__)
    scripts = "".join(
        f"<script>{(own / name).read_text(encoding='utf-8')}</script>\n" for name in _SCRIPTS
    )
    title = title_of(analysis)
    # A name may hold "</script>"; in JSON a "<" can be written otherwise.
    text = json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="generator" content="{source_mark(source)}">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data: blob:; \
script-src 'unsafe-inline'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>{escape(title)}</title>
<style>{(own / "page.css").read_text(encoding="utf-8")}</style></head><body>
<header><h1>{escape(title)}</h1><output id="now"></output>
<p>Drag moves, the wheel zooms, a double click shows all; keys: <kbd>←</kbd> <kbd>→</kbd>
<kbd>+</kbd> <kbd>−</kbd> <kbd>0</kbd></p></header>
<main id="plot"></main>
<script type="application/json" id="data">{text}</script>
<script>{get_plotlyjs()}</script>
{scripts}</body></html>
""".encode()
