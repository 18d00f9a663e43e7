"""How fast a long clip is read and sent: ``uv run python -m tests.benchmarks.bench_drop``.

Each figure stands beside its floor, measured in the same run: mido's bare parse of the same file,
and the same datagrams over loopback with raw sockets, one at a time, each answered at once.
"""

import asyncio
import socket
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import mido
from pythonosc.osc_message import OscMessage

from bridge.clips.read import read_clips
from bridge.osc import contract
from bridge.sinks.liveset import device as liveset
from bridge.sinks.liveset.transfer import parts_of

NOTES, POINTS, RUNS = 10_000, 3_000, 5
HOST = "127.0.0.1"


def write_file(path: Path) -> None:
    """Notes and two lanes as a drum clip of 24 minutes has them."""
    track = mido.MidiTrack()
    for n in range(NOTES):
        if n * POINTS // NOTES != (n - 1) * POINTS // NOTES:
            track.append(mido.Message("control_change", control=11, value=n * 37 % 128))
            track.append(mido.Message("control_change", control=1, value=n * 53 % 128))
        track.append(mido.Message("note_on", note=36 + n % 16, velocity=1 + n % 127))
        track.append(mido.Message("note_off", note=36 + n % 16, time=60))
    midi = mido.MidiFile()
    midi.tracks.append(track)
    midi.save(path)


def best_s(action: Callable[[], object]) -> float:
    """The shortest of some runs."""
    times = []
    for _ in range(RUNS):
        start = perf_counter()
        action()
        times.append(perf_counter() - start)
    return min(times)


def prompt_device(sock: socket.socket) -> None:
    """Answer every message at once, as the fastest device could, until the socket closes."""
    answers = {"/clip/open": "/clip/ready", "/clip/close": "/clip/done"}
    while True:
        data, sender = sock.recvfrom(65536)
        if data == b"end":
            return
        message = OscMessage(data)
        path = answers.get(message.address, "/clip/got")
        extra = {"/clip/ready": [], "/clip/done": ["there"]}.get(path, message.params[1:2])
        sock.sendto(contract.encode(path, [message.params[0], *extra]), sender)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.mid"
        write_file(path)
        parse_s = best_s(lambda: mido.MidiFile(path))
        read_s = best_s(lambda: read_clips(path))
        clips = read_clips(path)
    (clip,) = clips
    parts = parts_of(1, clip)
    device = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    device.bind((HOST, 0))
    threading.Thread(target=prompt_device, args=(device,), daemon=True).start()
    target = device.getsockname()

    async def drop() -> None:
        dropping = liveset.drop(clips, lambda *_: None, target=target, listen_port=0)
        assert [outcome.error async for outcome in dropping] == [""]

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bare:
        bare.bind((HOST, 0))

        def one_by_one() -> None:
            for part in parts:
                bare.sendto(part, target)
                bare.recv(65536)

        floor_s = best_s(one_by_one)
        drop_s = best_s(lambda: asyncio.run(drop()))
        bare.sendto(b"end", target)
    size = sum(map(len, parts)) / 1000
    print(f"{len(clip.notes)} notes, {sum(len(lane.points) for lane in clip.lanes)} points")
    print(f"read     {read_s * 1000:7.1f} ms, {read_s / parse_s:.2f} of mido's bare parse")
    print(
        f"transfer {drop_s * 1000:7.1f} ms for {len(parts)} parts ({size:.0f} kB), "
        f"{drop_s / floor_s:.2f} of the same datagrams one by one"
    )


if __name__ == "__main__":
    main()
