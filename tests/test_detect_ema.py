"""The plain EMA detector: the average of pandas, and literal beats for small inputs."""

import numpy as np
import pytest

from bridge.detect.ema import EmaDetector, EmaSettings
from bridge.errors import UserError
from bridge.events import SampleChunk


def beats(values, rate=1000.0, t=0.0, **settings):
    detector = EmaDetector(rate, EmaSettings(**settings))
    chunk = SampleChunk(t, rate, np.array(values, dtype=float))
    return [beat.t for beat in detector.push(chunk)]


def test_threshold_is_strictly_above_the_average_that_holds_the_reading_itself():
    # span 3: a = 1/2. Readings 0, 0, 70: the average is (70 + 0/2 + 0/4) / 1.75 = 40 exactly,
    # and the reading is 30 above it.
    assert beats([0, 0, 70], span_s=0.003, threshold=30) == []
    assert beats([0, 0, 70], span_s=0.003, threshold=29.999) == [0.002]


def test_average_is_that_of_pandas_ewm():
    # pandas 2.3: Series([3, 1, 4, 1, 5]).ewm(span=4).mean() = 3, 1.75, 2.8979591836734695,
    # 2.0257352941176467, 3.3157529493407356; so the readings are above their average by
    # 0, -0.75, 1.1020408163265305, -1.0257352941176467, 1.6842470506592644.
    values = [3, 1, 4, 1, 5]
    assert beats(values, span_s=0.004, threshold=1.1020, refractory_s=0) == [0.002, 0.004]
    assert beats(values, span_s=0.004, threshold=1.1021, refractory_s=0) == [0.004]
    assert beats(values, span_s=0.004, threshold=1.6842, refractory_s=0) == [0.004]
    assert beats(values, span_s=0.004, threshold=1.6843, refractory_s=0) == []


def test_fires_once_on_the_rising_edge_and_again_only_after_falling_below():
    values = [0] * 100 + [500] * 50 + [0] * 300 + [500] * 50
    assert beats(values) == [0.1, 0.45]


def test_a_rising_edge_within_the_refractory_is_left_out_for_good():
    values = [0] * 100 + [500] * 10 + [0] * 100 + [500] * 300
    assert beats(values, refractory_s=0.11) == [0.1, 0.21]
    assert beats(values, refractory_s=0.111) == [0.1]
    assert beats(values, refractory_s=0) == [0.1, 0.21]


def test_first_reading_never_fires_and_a_gap_starts_afresh():
    assert beats([900] * 100) == []
    detector = EmaDetector(1000.0)
    low = np.zeros(500)
    assert detector.push(SampleChunk(0.0, 1000.0, low)) == []
    assert detector.push(SampleChunk(7.0, 1000.0, low + 800)) == []
    assert [b.t for b in detector.push(SampleChunk(7.5, 1000.0, low + 1000))] == [7.5]


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(UserError, match="span"):
        EmaDetector(100.0, EmaSettings(span_s=0.001))
    with pytest.raises(UserError, match="refractory"):
        EmaDetector(100.0, EmaSettings(refractory_s=-1))
    with pytest.raises(UserError, match="rate"):
        EmaDetector(0.0)
