"""Boards of many makers through BrainFlow: ``board:emotibit``, ``board:muse_2``, ``board:cyton``.

Channels, rates and presets come from BrainFlow's own descriptions of its boards.
"""

import asyncio
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.errors import BeatbridgeError, UserError
from bridge.events import BodyChunk, SampleChunk
from bridge.sources import Item, Notice
from bridge.sources.serial.placing import Reading
from bridge.sources.serial.sampling import Sampler
from bridge.sources.spec import SourceEntry, SourceSpec

PULL_S = 0.04
HEART_CHANNELS = ("ppg_channels", "ecg_channels", "exg_channels", "eeg_channels")
"""Where a heart may be, the likeliest first: electrodes on the chest make any of these an ECG."""
OTHERS = {"eda_channels": "eda", "temperature_channels": "temperature"}


def brainflow() -> Any:
    """The module, which is an extra.

    Raises:
        BeatbridgeError: it is not installed.
    """
    try:
        with warnings.catch_warnings():
            # Its first use loads pkg_resources, whose deprecation is no news for our users.
            warnings.simplefilter("ignore")
            import brainflow.board_shim as module

            module.BoardShim.get_version()
    except ImportError:
        raise BeatbridgeError(
            'boards need BrainFlow: uv sync --extra board, or pip install ".[board]"'
        ) from None
    return module


@dataclass(frozen=True, slots=True)
class Stream:
    """What is taken of one preset of a board."""

    preset: int
    rate_hz: float
    clock: int
    """Row of the times, s since 1970."""
    columns: tuple[tuple[str, int], ...]
    """Names under ``/body`` and rows of the board's data; the heart's has no name."""


@dataclass(frozen=True, slots=True)
class Channels:
    """Where a board's heart is, and what else it measures."""

    kind: str
    """Of the heart's channel: ``ppg``, ``ecg`` ..."""
    heart: Stream
    """Its first column is the heart."""
    others: tuple[Stream, ...] = ()
    """Of other presets, at rates of their own."""


def choose(descriptions: dict[int, dict[str, Any]], column: int | None) -> Channels:
    """Choose the preset and the channel of the heart; take along what else there is.

    Args:
        descriptions: BrainFlow's, by preset.
        column: the place of the channel among those of its kind, from 1; None for the first.

    Raises:
        UserError: the board measures no heart, or has no such channel.
    """
    for kind in HEART_CHANNELS:
        for preset, described in sorted(descriptions.items()):
            rows = described.get(kind) or []
            if not rows:
                continue
            place = column or 1
            if place > len(rows):
                raise UserError(f"column={place}: it has {len(rows)} of {kind.replace('_', ' ')}")
            heart = _stream(preset, described, (("", rows[place - 1]), *_others(described)))
            known = {name for name, _ in heart.columns}
            others = []
            for other, its in sorted(descriptions.items()):
                columns = tuple(each for each in _others(its) if each[0] not in known)
                if other != preset and columns:
                    known |= {name for name, _ in columns}
                    others.append(_stream(other, its, columns))
            return Channels(kind.removesuffix("_channels"), heart, tuple(others))
    raise UserError("it measures neither a pulse nor anything electric")


def _stream(preset: int, described: dict[str, Any], columns: tuple[tuple[str, int], ...]) -> Stream:
    return Stream(
        preset, float(described["sampling_rate"]), described["timestamp_channel"], columns
    )


def _others(described: dict[str, Any]) -> tuple[tuple[str, int], ...]:
    return tuple(
        (name if number == 1 else f"{name}{number}", row)
        for key, name in OTHERS.items()
        for number, row in enumerate(described.get(key) or [], start=1)
    )


class _Reader:
    """Readings of one stream, as they are pulled, on the heart's clock."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.first: float | None = None
        """The board's time of the first reading."""
        self._sampler = Sampler()
        self._sampler.set_rate(stream.rate_hz)

    def take(
        self, data: NDArray[np.float64], emit: Callable[[Item], None], begun: float | None
    ) -> None:
        """Hand on what came.

        Args:
            data: BrainFlow's, shape (rows, n).
            emit: takes the items.
            begun: the board's time at which the heart's clock begins; None: with these.
        """
        stamps = data[self.stream.clock].tolist()
        if self.first is None:
            self.first = stamps[0]
        after = 0.0 if begun is None else self.first - begun
        rows = [row for _, row in self.stream.columns]
        readings: list[Reading] = [tuple(values) for values in data[rows].T.tolist()]
        now = time.time()
        runs = self._sampler.add(readings, now, stamps=stamps)
        for run in runs:
            known_t = run.end + (max(0.0, now - stamps[-1]) if run is runs[-1] else 0.0) + after
            for place, (name, _) in enumerate(self.stream.columns):
                for t, values in run.column(place):
                    if name:
                        emit(BodyChunk(t + after, name, run.rate_hz, values, known_t))
                    else:
                        emit(SampleChunk(t + after, run.rate_hz, values, known_t))


class BoardSource:
    """One heart from one board."""

    realtime = True

    def __init__(self, name: str, column: int | None, parameters: dict[str, str]) -> None:
        """Nothing is opened before ``run``.

        Args:
            name: as BrainFlow has it, without ``_BOARD``: ``emotibit``, ``muse_2``, ``cyton``.
            column: which of the board's channels, from 1.
            parameters: BrainFlow's input parameters that the board needs.
        """
        self._name, self._column, self._parameters = name, column, parameters

    async def run(self, emit: Callable[[Item], None]) -> None:
        """Stream until cancelled.

        Raises:
            UserError: there is no such board, or it has no heart.
            BeatbridgeError: it cannot be reached.
        """
        module = brainflow()
        known = {each.name.removesuffix("_BOARD").lower(): each for each in module.BoardIds}
        board_id = known.get(self._name.lower())
        if board_id is None:
            names = ", ".join(sorted(known))
            raise UserError(f"board:{self._name}: BrainFlow has no such board; it has {names}")
        module.BoardShim.disable_board_logger()
        parameters = module.BrainFlowInputParams()
        for key, value in self._parameters.items():
            setattr(parameters, key, int(value) if value.lstrip("-").isdigit() else value)
        described_as = int(self._parameters.get("master_board", board_id.value))
        try:
            presets = module.BoardShim.get_board_presets(described_as)
            descriptions = {p: module.BoardShim.get_board_descr(described_as, p) for p in presets}
            channels = choose(descriptions, self._column)
        except UserError as error:
            raise UserError(f"board:{self._name}: {error}") from None
        board = module.BoardShim(board_id.value, parameters)
        try:
            await asyncio.to_thread(board.prepare_session)
            try:
                await asyncio.to_thread(board.start_stream)
                emit(Notice(self._found(channels)))
                heart = _Reader(channels.heart)
                others = [_Reader(stream) for stream in channels.others]
                while True:
                    await asyncio.sleep(PULL_S)
                    for each in (heart, *others):
                        data = await asyncio.to_thread(
                            board.get_board_data, preset=each.stream.preset
                        )
                        # What comes before the heart does is nowhere on its clock.
                        if data.shape[1] and (each is heart or heart.first is not None):
                            each.take(data, emit, heart.first)
            finally:
                await asyncio.to_thread(board.release_session)
        except module.BrainFlowError as error:
            raise BeatbridgeError(f"board:{self._name}: {error}") from None

    def summary(self) -> list[str]:
        """BrainFlow does not say what was lost."""
        return []

    def _found(self, channels: Channels) -> str:
        heart = channels.heart
        named = [n for stream in (heart, *channels.others) for n, _ in stream.columns if n]
        body = f"; {', '.join(f'/body/{name}' for name in named)}" if named else ""
        return (
            f"board {self._name}: {channels.kind} in row {heart.columns[0][1]}, "
            f"{heart.rate_hz:g} samples a second{body}"
        )


_PARAMETERS = {
    "port": "serial_port",
    "mac": "mac_address",
    "ip": "ip_address",
    "file": "file",
    "master": "master_board",
}


def _open(spec: SourceSpec, speed: float) -> BoardSource:
    if not spec.target:
        raise UserError(f"source {spec.text}: name a board, as in board:emotibit or board:muse_2")
    if speed != 1.0:
        raise UserError("--speed is for recordings and the simulator; a board has its own time")
    brainflow()
    given = {_PARAMETERS[k]: v for k, v in spec.options.items() if k in _PARAMETERS}
    column = spec.number("column", None, 1, 64)
    return BoardSource(spec.target, None if column is None else int(column), given)


ENTRY = SourceEntry(_open, frozenset({"column", "kind", *_PARAMETERS}))
