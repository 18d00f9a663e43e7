"""What checking every sample costs: ``uv run python -m tests.benchmarks.bench_frames``.

One minute at 1 kHz, a sample a call as the live driver gets them, beside the unchecked two-byte
stream of seed 002 in the same run.
"""

from time import perf_counter

from bridge.sources.serial.frames import FrameParser, encode
from bridge.sources.serial.protocols import RawStream

SAMPLES, RATE_HZ, RUNS = 60_000, 1000, 5


def seconds(parser: FrameParser | RawStream, pieces: list[bytes]) -> float:
    """Time to feed all pieces."""
    started = perf_counter()
    for piece in pieces:
        parser.feed(piece)
    return perf_counter() - started


def main() -> None:
    """Print both and their ratio."""
    readings = [400 + i % 300 for i in range(SAMPLES)]
    framed = [encode(number, (reading,)) for number, reading in enumerate(readings)]
    raw = [reading.to_bytes(2, "big") for reading in readings]
    checked = min(seconds(FrameParser(), framed) for _ in range(RUNS))
    unchecked = min(seconds(RawStream(), raw) for _ in range(RUNS))
    for name, spent in (("numbered, checked frames", checked), ("raw 16-bit stream", unchecked)):
        share = 100 * spent / (SAMPLES / RATE_HZ)
        print(f"{name:<26}{1e6 * spent / SAMPLES:6.2f} us a sample, {share:.2f} % of a core")
    print(f"ratio {checked / unchecked:.1f}")


if __name__ == "__main__":
    main()
