"""Pure HRV measures against other implementations and hand-made cases.

The reference numbers come from tests/reference/make_hrv_reference.py: NeuroKit2 0.2.13,
HeartPy 1.2.7 and scipy 1.17.1 on the same 360 intervals.
"""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.signal import lombscargle

from bridge.events import Interval, Label
from bridge.hrv.measures import (
    band_powers,
    cubic_fft,
    frequency_grid,
    lomb_scargle,
    normal_intervals,
    time_domain,
)
from bridge.hrv.spectrum import BandSpectrum, fft_powers
from bridge.hrv.stretch import measure

EXACT = 1e-9


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    path = Path(__file__).parent / "reference" / "hrv_reference.json"
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def nn_ms(reference: dict[str, Any]) -> np.ndarray:
    return np.array(reference["intervals_ms"].split(), float)


@pytest.fixture(scope="module")
def t_s(nn_ms: np.ndarray) -> np.ndarray:
    return np.cumsum(nn_ms) / 1000.0


def test_time_domain_equals_neurokit2(reference: dict[str, Any], nn_ms: np.ndarray) -> None:
    ours, theirs = time_domain(nn_ms), reference["neurokit2"]
    assert ours.sdnn_ms == pytest.approx(theirs["SDNN"], rel=EXACT)
    assert ours.rmssd_ms == pytest.approx(theirs["RMSSD"], rel=EXACT)
    assert ours.sdsd_ms == pytest.approx(theirs["SDSD"], rel=EXACT)
    assert ours.sd1_ms == pytest.approx(theirs["SD1"], rel=EXACT)
    assert ours.sd2_ms == pytest.approx(theirs["SD2"], rel=EXACT)
    # NeuroKit2 divides by the number of intervals, not of differences, and shows per cent.
    differences = len(nn_ms) - 1
    assert ours.pnn20 == pytest.approx(theirs["pNN20"] / 100 * len(nn_ms) / differences, rel=EXACT)
    assert ours.pnn50 == pytest.approx(theirs["pNN50"] / 100 * len(nn_ms) / differences, rel=EXACT)


def test_rate_and_shares_equal_heartpy(reference: dict[str, Any], nn_ms: np.ndarray) -> None:
    ours, theirs = time_domain(nn_ms), reference["heartpy"]
    assert ours.bpm == pytest.approx(theirs["bpm"], rel=EXACT)
    assert ours.pnn20 == pytest.approx(theirs["pnn20"], rel=EXACT)
    assert ours.pnn50 == pytest.approx(theirs["pnn50"], rel=EXACT)
    assert ours.ibi_ms == pytest.approx(theirs["ibi"], rel=EXACT)
    assert ours.rmssd_ms == pytest.approx(theirs["rmssd"], rel=EXACT)


def test_heartpys_sdsd_is_that_of_absolute_differences(
    reference: dict[str, Any], nn_ms: np.ndarray
) -> None:
    ours, theirs = time_domain(nn_ms), reference["heartpy"]["sdsd"]
    assert ours.sdsd_abs_ms == pytest.approx(theirs, rel=EXACT)
    assert ours.sdsd_ms is not None
    assert ours.sdsd_ms > 1.5 * theirs


def test_five_intervals_by_hand() -> None:
    # mean 810; deviations -10 10 -30 40 -10, squares sum 2800; differences 20 -40 70 -50, squares
    # sum 9400, mean 0; more than 20: three of four, more than 50: one of four.
    ours = time_domain(np.array([800.0, 820.0, 780.0, 850.0, 800.0]))
    assert ours.bpm == pytest.approx(60_000 / 810, rel=EXACT)
    assert ours.sdnn_ms == pytest.approx(math.sqrt(2800 / 4), rel=EXACT)
    assert ours.rmssd_ms == pytest.approx(math.sqrt(9400 / 4), rel=EXACT)
    assert ours.sdsd_ms == pytest.approx(math.sqrt(9400 / 3), rel=EXACT)
    assert (ours.pnn20, ours.pnn50) == (0.75, 0.25)
    assert ours.ibi_ms == 810.0
    # sizes 20 40 70 50, mean 45: squares of what is left 625 25 625 25
    assert ours.sdsd_abs_ms == pytest.approx(math.sqrt(1300 / 4), rel=EXACT)
    assert ours.sd1_ms == pytest.approx(math.sqrt(9400 / 6), rel=EXACT)
    # sums 1620 1600 1630 1650, mean 1625: 25 625 25 625
    assert ours.sd2_ms == pytest.approx(math.sqrt(1300 / 3 / 2), rel=EXACT)


def test_no_difference_is_taken_across_a_gap() -> None:
    ours = time_domain(np.array([800.0, 810.0, 600.0, 630.0]), np.array([True, False, True, False]))
    assert ours.rmssd_ms == pytest.approx(math.sqrt((10**2 + 30**2) / 2), rel=EXACT)
    assert ours.pnn20 == 0.5
    assert ours.sdsd_ms == pytest.approx(math.sqrt(200), rel=EXACT)  # of 10 and 30


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_intervals_give_none(count: int) -> None:
    ours = time_domain(np.full(count, 800.0))
    assert (ours.bpm is None) == (count < 1)
    assert (ours.sdnn_ms is None) == (count < 2)
    assert (ours.rmssd_ms is None) == (count < 2)
    assert ours.sdsd_ms is ours.sd1_ms is ours.sd2_ms is None


def test_an_interval_without_a_value_breaks_the_row() -> None:
    intervals = [
        Interval(1.0, 800.0, 800.0, after_gap=True),
        Interval(1.3, 300.0, None, Label.EXTRA),
        Interval(1.8, 500.0, 800.0, Label.EXTRA),
        Interval(2.6, 800.0, 800.0),
        Interval(4.0, 800.0, 800.0, after_gap=True),
    ]
    normal = normal_intervals(intervals)
    assert normal.breaks.tolist() == [True, True, False, True]
    assert normal.end_s.tolist() == [1.0, 1.8, 2.6, 4.0]
    assert normal.start_s == pytest.approx([0.2, 1.3, 1.8, 3.2])
    assert normal_intervals([]).nn_ms.shape == (0,)


def test_the_density_equals_scipys_periodogram(t_s: np.ndarray, nn_ms: np.ndarray) -> None:
    f = frequency_grid(180.0)
    scale = 2.0 * (t_s[-1] - t_s[0]) / (len(t_s) - 1)
    theirs = lombscargle(t_s, nn_ms - nn_ms.mean(), 2 * np.pi * f) * scale
    assert lomb_scargle(t_s, nn_ms, f) == pytest.approx(theirs, rel=1e-7, abs=1e-6)


def test_bands_equal_scipys_integrated_the_same_way(
    reference: dict[str, Any], t_s: np.ndarray, nn_ms: np.ndarray
) -> None:
    f = np.arange(3, 401) / 1000.0
    ours = band_powers(f, lomb_scargle(t_s, nn_ms, f))
    theirs = reference["scipy_lomb_ms2"]
    assert ours.vlf_ms2 == pytest.approx(theirs["vlf"], rel=1e-3)
    assert ours.lf_ms2 == pytest.approx(theirs["lf"], rel=1e-3)
    assert ours.hf_ms2 == pytest.approx(theirs["hf"], rel=1e-3)
    assert ours.lf_hf == pytest.approx(theirs["lf"] / theirs["hf"], rel=1e-3)


def test_the_fft_equals_the_cubic_resampled_spectrum_of_the_seed(
    reference: dict[str, Any], t_s: np.ndarray, nn_ms: np.ndarray
) -> None:
    ours, theirs = band_powers(*cubic_fft(t_s, nn_ms)), reference["seed_001_fft_ms2"]
    assert ours.vlf_ms2 == pytest.approx(theirs["vlf"], rel=0.01)
    assert ours.lf_ms2 == pytest.approx(theirs["lf"], rel=0.01)
    assert ours.hf_ms2 == pytest.approx(theirs["hf"], rel=0.01)


def test_the_densities_integrate_to_the_variance(t_s: np.ndarray, nn_ms: np.ndarray) -> None:
    f = np.arange(1e-4, 0.6, 2.5e-4)
    area = np.trapezoid(lomb_scargle(t_s, nn_ms, f), f)
    assert area == pytest.approx(np.var(nn_ms), rel=0.02)
    fft_f, density = cubic_fft(t_s, nn_ms)
    assert density.sum() * fft_f[1] == pytest.approx(np.var(nn_ms), rel=0.02)


def test_a_sine_has_half_its_squared_amplitude_in_its_band_and_is_the_breath() -> None:
    t = np.cumsum(np.full(300, 0.8))
    nn_ms = 800.0 + 40.0 * np.sin(2 * np.pi * 0.25 * t)
    f = frequency_grid(t[-1])
    bands = band_powers(f, lomb_scargle(t, nn_ms, f))
    assert bands.hf_ms2 == pytest.approx(800.0, rel=0.01)
    assert bands.lf_ms2 < 8.0
    assert bands.respiration_hz == pytest.approx(0.25, abs=0.001)


def test_a_drift_has_no_breath() -> None:
    t = np.cumsum(np.full(300, 0.8))
    f = frequency_grid(t[-1])
    assert band_powers(f, lomb_scargle(t, 700.0 + t, f)).respiration_hz is None


@pytest.mark.parametrize(("window_s", "step_hz"), [(60.0, 1e-3), (250.0, 1e-3), (600.0, 1e-3 / 3)])
def test_the_grid_holds_every_band_edge(window_s: float, step_hz: float) -> None:
    f = frequency_grid(window_s)
    assert np.diff(f) == pytest.approx(step_hz)
    for edge in (0.003, 0.04, 0.15, 0.4):
        assert np.min(np.abs(f - edge)) < 1e-12


def test_no_power_in_hf_leaves_no_ratio() -> None:
    frequencies = np.linspace(0.0, 0.5, 501)
    slow = np.where(frequencies < 0.13, 10.0, 0.0)
    powers = band_powers(frequencies, slow)
    assert powers.hf_ms2 == 0.0
    assert powers.lf_ms2 > 0.0
    assert powers.lf_hf is None


def test_a_spline_needs_more_than_two_long_intervals() -> None:
    t_s, nn_ms = np.array([10.0, 13.0]), np.array([3000.0, 3000.0])
    assert fft_powers(t_s, nn_ms, np.zeros(2, bool), least_ms=1000.0) is None
    assert fft_powers(np.empty(0), np.empty(0), np.zeros(0, bool), least_ms=0.0) is None


def test_a_minute_has_hf_and_no_share_of_what_it_cannot_know() -> None:
    """LF takes two minutes, and normalised units take both."""
    rng = np.random.default_rng(5)
    nn_ms = 800.0 + 30.0 * np.sin(np.arange(95) * 1.3) + rng.normal(0.0, 5.0, 95)
    ends = np.cumsum(nn_ms) / 1000.0
    intervals = [
        Interval(float(t), float(nn), float(nn), Label.NORMAL, after_gap=k == 0)
        for k, (t, nn) in enumerate(zip(ends, nn_ms, strict=True))
    ]
    found = measure(intervals, 0.0, float(ends[-1]))
    assert found.hf_ms2 is not None
    assert (found.lf_ms2, found.lf_nu, found.hf_nu, found.total_ms2) == (None, None, None, None)


def test_normalised_units_share_what_is_in_lf_and_hf_and_coverage_is_of_the_stretch() -> None:
    t = np.cumsum(np.full(400, 0.8))
    nn_ms = 800.0 + 40.0 * np.sin(2 * np.pi * 0.1 * t) + 20.0 * np.sin(2 * np.pi * 0.25 * t)
    intervals = [
        Interval(float(end), 800.0, float(nn), Label.NORMAL, after_gap=k == 0)
        for k, (end, nn) in enumerate(zip(t, nn_ms, strict=True))
    ]
    found = measure(intervals, 0.0, 400.0)
    assert found.lf_ms2 is not None
    assert found.hf_ms2 is not None
    assert found.lf_nu == pytest.approx(found.lf_ms2 / (found.lf_ms2 + found.hf_ms2))
    assert found.lf_nu == pytest.approx(0.8, abs=0.02)  # four times the power of half the swing
    assert found.hf_nu == pytest.approx(1.0 - found.lf_nu)
    assert found.coverage == pytest.approx(0.8, abs=0.001)
    assert measure(intervals, 100.0, 200.0).coverage == pytest.approx(1.0, abs=0.03)
    assert measure([], 5.0, 5.0).coverage == 0.0


@pytest.mark.parametrize("window_s", [60.0, 180.0, 600.0])
def test_the_power_of_a_band_is_the_area_below_the_density(window_s: float) -> None:
    """Of a flat one its width, of a rising one what the trapezoidal rule gives."""
    spectrum = BandSpectrum(window_s)
    f = spectrum.frequencies_hz
    flat, rising = spectrum.powers(np.stack([np.ones(len(f)), f]))
    assert flat == pytest.approx([0.037, 0.11, 0.25])
    edges = [(0.003, 0.04), (0.04, 0.15), (0.15, 0.4)]
    assert rising == pytest.approx([(high**2 - low**2) / 2 for low, high in edges])
