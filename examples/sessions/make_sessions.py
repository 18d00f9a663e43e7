"""Make the bundled sessions from a simulated heart: python examples/sessions/make_sessions.py.

The same script always writes the same bytes.
"""

import math
from pathlib import Path

import numpy as np

from bridge.hrv.table import hrv_table
from bridge.intervals.whole import judge
from bridge.simulate.heart import Heart, HeartSimulator

HERE = Path(__file__).parent
WARM_UP_S = 180.0
"""What the longest HRV window takes to fill: the table begins behind it."""
TABLE_S, STEP_S = 210.0, 0.5
PHASES = ((0.0, "rest"), (60.0, "effort"), (135.0, "recovery"))
PULSE_S, PULSE_HZ = 60.0, 100.0


def arc_bpm(t: float) -> float:
    """Heart rate over the table: rest, a climb to the top of an effort, and recovery."""
    t -= WARM_UP_S
    (_, _), (effort, _), (recovery, _) = PHASES
    if t < effort:
        return 62.0
    if t < recovery:
        return 62.0 + 70.0 * math.sin((t - effort) / (recovery - effort) * math.pi / 2) ** 1.5
    return 68.0 + 64.0 * math.exp(-(t - recovery) / 26.0)


def make_arc() -> str:
    """A table of heart rate and HRV over three and a half minutes, with a column of phases."""
    simulator = HeartSimulator(Heart(kind="ecg", rate_hz=250.0, bpm=arc_bpm, hrv_ms=42.0, seed=5))
    seconds = WARM_UP_S + TABLE_S
    simulator.take(round(seconds * 250.0))
    columns = hrv_table(judge(simulator.beats_t()), seconds, STEP_S)
    lines = ["t,HR,SDNN,RMSSD,VLF,LF,HF,LF_HF,phase"]
    first = round(WARM_UP_S / STEP_S)
    for row in range(first, len(columns["t"])):
        t = columns["t"][row] - WARM_UP_S
        phase = [name for start, name in PHASES if t >= start][-1]
        values = [columns[name][row] for name in lines[0].split(",")[1:8]]
        if not np.isfinite(values).all():
            raise SystemExit(f"an unknown value at {t} s")
        lines.append(f"{t:.1f}," + ",".join(f"{value:.2f}" for value in values) + f",{phase}")
    return "\n".join(lines) + "\n"


def make_pulse() -> str:
    """A minute of pulse wave, as ``beatbridge record`` writes it, with two markers."""
    heart = Heart(
        rate_hz=PULSE_HZ, bpm=lambda t: 70.0 + 14.0 * math.sin(t / 60.0 * math.pi), seed=9
    )
    values = np.rint(HeartSimulator(heart).take(round(PULSE_S * PULSE_HZ)).values)
    markers = {0.0: "breathe in", 30.0: "breathe out"}
    lines = ["t,value,event,detail"]
    for number, value in enumerate(values.tolist()):
        t = number / PULSE_HZ
        if t in markers:
            lines.append(f"{t:.6f},,marker,{markers[t]}")
        lines.append(f"{t:.6f},{value:g},,")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for name, text in (("arc.csv", make_arc()), ("pulse.csv", make_pulse())):
        (HERE / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"{name}: {len(text)} bytes")
