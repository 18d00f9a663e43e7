"""An index of a batch: one HTML file with every picture and a table, opened without a server."""

import os
from collections.abc import Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

from bridge.errors import UserError
from bridge.offline.atomic import write_atomically
from bridge.offline.options import FileOutcome, Heard

_GENERATOR = '<meta name="generator" content="beatbridge">'
_PICTURES = (".png", ".svg")
_STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 78rem; padding: 0 1.5rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 2.2rem 0 .4rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .9rem .3rem 0; border-bottom: 1px solid #8884; }
td.n, th.n { text-align: right; }
img { width: 100%; height: auto; background: #fff; border-radius: 6px; }
.played { position: relative; margin: 0; cursor: pointer; }
.played i { position: absolute; top: 9%; bottom: 9%; left: 0; width: 2px; background: #d90429; }
audio { width: 100%; }
.why { color: #c1121f; } a { color: inherit; } .clips a { margin-right: 1rem; }
"""

_SCRIPT = """
for (const figure of document.querySelectorAll('.played')) {
  const audio = figure.nextElementSibling, cursor = figure.querySelector('i');
  const {left, right, seconds} = figure.dataset, span = right - left;
  function show() {
    const share = Math.min(audio.currentTime / seconds, 1);
    cursor.style.left = 100 * (+left + span * share) + '%';
    if (!audio.paused) requestAnimationFrame(show);
  }
  audio.addEventListener('play', show);
  audio.addEventListener('seeked', show);
  figure.addEventListener('click', event => {
    const box = figure.getBoundingClientRect();
    const share = ((event.clientX - box.left) / box.width - left) / span;
    audio.currentTime = seconds * Math.min(Math.max(share, 0), 1);
    audio.play();
  });
  show();
}
"""
"""The cursor over each picture follows its sound; a click into the picture plays from there."""


def write_index(outcomes: Sequence[FileOutcome], out: Path | None) -> Path | None:
    """Write ``index.html`` where the clips are, or in the folder above all of them.

    Returns:
        Its path; None where there is no picture.

    Raises:
        UserError: there is an ``index.html`` of somebody else's.
    """
    files = [path for outcome in outcomes for path in outcome.files]
    if not any(path.suffix in _PICTURES for path in files):
        return None
    folder = out or Path(os.path.commonpath([path.absolute().parent for path in files]))
    page = folder / "index.html"
    if page.exists() and _GENERATOR not in page.read_text(encoding="utf-8", errors="replace"):
        raise UserError(f"{page} was made by another program: it is kept; give another --out")
    write_atomically(page, _page(outcomes, folder).encode())
    return page


def _page(outcomes: Sequence[FileOutcome], folder: Path) -> str:
    good = [outcome for outcome in outcomes if outcome.error is None]
    bad = [outcome for outcome in outcomes if outcome.error is not None]
    rows = "\n".join(_row(number, outcome) for number, outcome in enumerate(good))
    rows += "\n" + "\n".join(
        f'<tr><td>{escape(outcome.job.path.name)}</td><td class="why" colspan="5">'
        f"{escape(outcome.error or '')}</td></tr>"
        for outcome in bad
    )
    sections = "\n".join(_section(number, outcome, folder) for number, outcome in enumerate(good))
    count = f"{len(good)} session{'' if len(good) == 1 else 's'}"
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>beatbridge: {count}</title>
{_GENERATOR}
<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>
<h1>{count}</h1>
<table><thead><tr><th>session</th><th class="n">length</th><th class="n">heart rate</th>
<th class="n">bars</th><th class="n">notes</th><th>remarks</th></tr></thead><tbody>
{rows}
</tbody></table>
{sections}
<script>{_SCRIPT}</script>
</body></html>
"""


def _row(number: int, outcome: FileOutcome) -> str:
    minutes, seconds = divmod(round(outcome.seconds), 60)
    return (
        f'<tr><td><a href="#s{number}">{escape(outcome.job.target.name)}</a></td>'
        f'<td class="n">{minutes}:{seconds:02d}</td>'
        f'<td class="n">{outcome.low:.0f}–{outcome.high:.0f}</td>'
        f'<td class="n">{outcome.bars}</td><td class="n">{outcome.notes}</td>'
        f"<td>{escape('; '.join(outcome.remarks))}</td></tr>"
    )


def _section(number: int, outcome: FileOutcome, folder: Path) -> str:
    pictures, clips = [], []
    heard = {each.picture: each for each in outcome.heard}
    for path in outcome.files:
        link = quote(Path(os.path.relpath(path, folder)).as_posix())
        if path.suffix in _PICTURES:
            picture = f'<img loading="lazy" src="{link}" alt="{escape(path.stem)}">'
            pictures.append(_played(picture, heard[path], folder) if path in heard else picture)
        else:
            clips.append(f'<a href="{link}">{escape(path.name)}</a>')
    return (
        f'<h2 id="s{number}">{escape(outcome.job.target.name)}</h2>\n'
        f'<p class="clips">{"".join(clips)}</p>\n' + "\n".join(pictures)
    )


def _played(picture: str, heard: Heard, folder: Path) -> str:
    from bridge.clips.picture import LEFT, RIGHT

    link = quote(Path(os.path.relpath(heard.sound, folder)).as_posix())
    return (
        f'<figure class="played" data-left="{LEFT}" data-right="{RIGHT}" '
        f'data-seconds="{heard.axis_s:.3f}">{picture}<i></i></figure>'
        f'<audio controls preload="metadata" src="{link}"></audio>'
    )
