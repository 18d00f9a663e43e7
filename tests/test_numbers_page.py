"""docs/numbers.md quotes the code: windows, bands, gaps, the breath, and defines every measure."""

from pathlib import Path

import pytest

from bridge import gaps
from bridge.analysis.summary import ROWS
from bridge.hrv import breath, coherence, nonlinear, stretch, swing
from bridge.hrv.measures import BANDS_HZ, RESAMPLING_HZ
from bridge.hrv.rolling import DEFAULT_WINDOWS as W
from bridge.hrv.rolling import STEPS_S
from bridge.osc.contract import MESSAGES

PAGE = (Path(__file__).parents[1] / "docs" / "numbers.md").read_text(encoding="utf-8")
TEXT = " ".join(PAGE.split())
BANDS = ", ".join(f"{low:g}-{high:g}" for low, high in BANDS_HZ.values())


def row(measure: str, *, among: str = "") -> list[str]:
    """The cells of a measure's row, in the table below a heading."""
    for line in PAGE[PAGE.index(among) if among else 0 :].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and cells[0] == measure:
            return cells
    raise AssertionError(f"no row {measure}")


@pytest.mark.parametrize("measure", ["SDNN", "SD2", "RMSSD", "SDSD", "pNN20, pNN50", "SD1"])
def test_windows_of_the_time_domain(measure: str) -> None:
    least = W.coverage * W.time_s if measure in ("SDNN", "SD2") else STEPS_S
    assert row(measure, among="rolling windows")[2:4] == [f"{W.time_s:g} s", f"{least:g} s"]
    assert W.step_coverage * W.time_s == STEPS_S


@pytest.mark.parametrize(
    ("measure", "length_s"),
    [("VLF, LF, HF", W.frequency_s), ("LF/HF", W.frequency_s), ("coherence", W.coherence_s),
     ("resonance", W.coherence_s)],
)  # fmt: skip
def test_windows_of_the_frequency_domain(measure: str, length_s: float) -> None:
    cells = row(measure, among="rolling windows")
    assert cells[2:4] == [f"{length_s:g} s", f"{W.coverage * length_s:g} s"]


def test_least_stretches() -> None:
    below = "Of a whole recording"
    assert stretch.LEAST_S == {"HF": 60.0, "LF": 120.0, "VLF": 300.0}
    assert row("VLF, LF, HF", among=below)[2] == "300, 120, 60 s"
    assert row("total power", among=below)[2] == f"{stretch.LEAST_S['VLF']:g} s"
    assert row("LF nu, HF nu", among=below)[2] == f"{stretch.LEAST_S['LF']:g} s"
    assert row("DFA alpha 1", among=below)[2] == f"{nonlinear.LEAST_FOR_DFA} intervals"
    assert row("sample entropy", among=below)[2] == f"{nonlinear.LEAST_FOR_ENTROPY} intervals"


@pytest.mark.parametrize(
    "quote",
    [
        f"Lomb-Scargle power {BANDS} Hz",
        f"median of the last intervals; tables: 60,000 over the mean of the judged ones "
        f"| {W.rate_s:g} s |",
        f"within {coherence.WIDTH_HZ:g} Hz around the highest peak between "
        f"{coherence.PEAK_HZ[0]:g} and {coherence.PEAK_HZ[1]:g} Hz",
        f"resampled at {RESAMPLING_HZ:g} Hz",
        f"a hole of more than {gaps.HIDES_A_BEAT_S:g} s is a gap",
        f"up to {gaps.BRIDGED_S:g} s is bridged",
        f"a pause of more than {gaps.LONGEST_INTERVAL_S:g} s is one",
        f"more than {gaps.USUAL_PAUSES:g} running intervals",
        f"breathed in, {breath.POINTS_HZ} a second",
        f"A wave of {60 * breath.RATES_HZ[0]:g} to {60 * breath.RATES_HZ[1]:g} a minute",
        f"weights that fade with {swing.MEMORY_S:g} s",
        f"no wave explains {breath.TAKEN:g} of the swing",
        f"after {breath.LOWEST_S:g} s at the earliest",
        f"windows of {stretch.SHORT_TERM_S:g} s",
        "boxes of {}-{} beats".format(*nonlinear.DFA_BOXES),
        f"length {nonlinear.ENTROPY_LENGTH}, tolerance {nonlinear.ENTROPY_TOLERANCE:g} SD",
    ],
)
def test_what_the_page_quotes_is_what_the_code_does(quote: str) -> None:
    assert quote in TEXT


def test_every_measure_that_is_sent_or_tabled_is_defined() -> None:
    words = {"vlf": "VLF", "lf": "LF", "hf": "HF", "lf_hf": "LF/HF", "pnn20": "pNN20",
             "pnn50": "pNN50"}  # fmt: skip
    sent = [m.path.removeprefix("/hrv/") for m in MESSAGES if m.path.startswith("/hrv/")]
    assert len(sent) > 12
    for name in sent:
        word = words.get(name, name)
        assert word in TEXT or word.upper() in TEXT, name
    for each in ROWS:
        if each.name not in ("length", "beats", "BPM"):
            assert each.name in TEXT, each.name
