"""Read and write the .amxd container, unfrozen (patcher only) and frozen (patcher with its files).

Chunks are a 4-byte tag, a little-endian u32 size and the payload: ``ampf`` (device type), ``meta``,
``ptch``. A frozen ``ptch`` is an ``mx@c`` archive whose directory is big-endian. Layout as measured
on 151 published devices.
"""

import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

MIDI_EFFECT = b"mmmm"
META_UNFROZEN = 1
META_FROZEN = 7

_ARCHIVE_TAG = b"mx@c"
_ARCHIVE_HEADER = 16
_DEVICE_FLAG = 0x11
_MAC_EPOCH_2024 = 3_786_912_000
"""2024-01-01 in seconds since 1904: one fixed date, so that equal sources give equal bytes."""


class ContainerError(ValueError):
    """The bytes are not an .amxd that this module can read."""


@dataclass(frozen=True, slots=True)
class File:
    """A file frozen into a device."""

    name: str
    data: bytes
    kind: bytes = b"TEXT"
    """Four characters: ``JSON``, ``TEXT``, ``svg `` ..."""
    flag: int = 0
    date: int = _MAC_EPOCH_2024
    """Seconds since 1904-01-01."""


@dataclass(frozen=True, slots=True)
class Device:
    """What an .amxd holds."""

    patcher: bytes
    """The patcher as JSON text, with the NUL that ends it."""
    files: tuple[File, ...] = ()
    """The frozen files, without the device itself; empty when unfrozen."""
    name: str = ""
    """The device's own file name in the archive; empty when unfrozen."""
    kind: bytes = MIDI_EFFECT
    meta: int | None = META_UNFROZEN
    own_date: int = _MAC_EPOCH_2024

    @property
    def frozen(self) -> bool:
        """Whether the files travel inside."""
        return bool(self.name)

    def document(self) -> dict[str, Any]:
        """The patcher, parsed.

        Raises:
            ContainerError: the text is not JSON with a ``patcher`` in it.
        """
        text = self.patcher.split(b"\0", 1)[0]
        try:
            document = json.loads(text)
        except ValueError as error:
            raise ContainerError(f"the patcher is not JSON: {error}") from error
        if not isinstance(document, dict) or not isinstance(document.get("patcher"), dict):
            raise ContainerError("the JSON holds no patcher")
        return document


def patcher_bytes(document: dict[str, Any]) -> bytes:
    """Write a patcher as JSON, a newline and the one NUL that Max ends it with."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8") + b"\n\0"


def unfrozen(document: dict[str, Any]) -> bytes:
    """The bytes of a device that finds its JavaScript beside it."""
    return write(Device(patcher_bytes(document)))


def frozen(document: dict[str, Any], name: str, files: Sequence[File]) -> bytes:
    """The bytes of a device that carries its files; ``name`` is its own file name."""
    return write(Device(patcher_bytes(document), tuple(files), name, meta=META_FROZEN))


def write(device: Device) -> bytes:
    """Serialise; ``read`` gives the same device back."""
    payload = _archive(device) if device.frozen else device.patcher
    chunks = [(b"ampf", device.kind)]
    if device.meta is not None:
        chunks.append((b"meta", struct.pack("<I", device.meta)))
    chunks.append((b"ptch", payload))
    return b"".join(tag + struct.pack("<I", len(body)) + body for tag, body in chunks)


def read(data: bytes) -> Device:
    """Parse the bytes of an .amxd.

    Raises:
        ContainerError: a chunk is missing, cut short or not understood (encrypted devices).
    """
    chunks = dict(_chunks(data))
    for tag in (b"ampf", b"ptch"):
        if tag not in chunks:
            raise ContainerError(f"no {tag.decode()} chunk")
    if b"ciph" in chunks:
        raise ContainerError("an encrypted device")
    meta = struct.unpack("<I", chunks[b"meta"])[0] if b"meta" in chunks else None
    payload = chunks[b"ptch"]
    if payload[:4] != _ARCHIVE_TAG:
        return Device(payload, kind=chunks[b"ampf"], meta=meta)
    own, *files = _archived(payload)
    return Device(own.data, tuple(files), own.name, chunks[b"ampf"], meta, own.date)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(data):
        if len(data) - at < 8:
            raise ContainerError(f"a chunk is cut short at byte {at}")
        tag, size = data[at : at + 4], struct.unpack_from("<I", data, at + 4)[0]
        body = data[at + 8 : at + 8 + size]
        if len(body) != size:
            raise ContainerError(f"the chunk {tag!r} promises {size} bytes and has {len(body)}")
        yield tag, body
        at += 8 + size


def _field(tag: bytes, body: bytes) -> bytes:
    return tag + struct.pack(">I", 8 + len(body)) + body


def _archive(device: Device) -> bytes:
    own = File(device.name, device.patcher, b"JSON", _DEVICE_FLAG, device.own_date)
    entries, bodies, offset = [], [], _ARCHIVE_HEADER
    for file in (own, *device.files):
        name = file.name.encode("utf-8") + b"\0"
        name += b"\0" * (-len(name) % 4)
        fields = (
            (b"type", file.kind),
            (b"fnam", name),
            (b"sz32", struct.pack(">I", len(file.data))),
            (b"of32", struct.pack(">I", offset)),
            (b"vers", struct.pack(">I", 0)),
            (b"flag", struct.pack(">I", file.flag)),
            (b"mdat", struct.pack(">I", file.date)),
        )
        entries.append(_field(b"dire", b"".join(_field(*field) for field in fields)))
        bodies.append(file.data)
        offset += len(file.data)
    header = _ARCHIVE_TAG + struct.pack(">IQ", _ARCHIVE_HEADER, offset)
    return header + b"".join(bodies) + _field(b"dlst", b"".join(entries))


def _fields(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(data):
        if len(data) - at < 8:
            raise ContainerError("the directory is cut short")
        tag, size = data[at : at + 4], struct.unpack_from(">I", data, at + 4)[0]
        if size < 8 or at + size > len(data):
            raise ContainerError(f"the directory field {tag!r} has an impossible size {size}")
        yield tag, data[at + 8 : at + size]
        at += size


def _archived(payload: bytes) -> Iterator[File]:
    if len(payload) < _ARCHIVE_HEADER:
        raise ContainerError("the archive has no header")
    start = struct.unpack_from(">Q", payload, 8)[0]
    directory = dict(_fields(payload[start:]))
    if b"dlst" not in directory:
        raise ContainerError("the archive has no directory")
    for tag, body in _fields(directory[b"dlst"]):
        if tag != b"dire":
            raise ContainerError(f"the directory holds {tag!r}")
        entry = dict(_fields(body))
        try:
            size, offset, flag, date = (
                struct.unpack(">I", entry[key])[0] for key in (b"sz32", b"of32", b"flag", b"mdat")
            )
            name, kind = entry[b"fnam"].split(b"\0", 1)[0].decode("utf-8"), entry[b"type"]
        except (KeyError, struct.error, UnicodeDecodeError) as error:
            raise ContainerError(f"an entry of the directory cannot be read ({error})") from None
        if offset + size > start:
            raise ContainerError("a file reaches past the end of the archive")
        yield File(name, payload[offset : offset + size], kind, flag, date)
