"""Damage as wires, disks and strangers do it, with fixed seeds: what the fuzzers share."""

import random

WORDS = (
    b"\0", b"\xff", b"\r", b"\n", b"-", b"nan", b"1e400", b",", b"[", b"]", b"{", b"\x80", b"\x7f",
    b"9" * 400,
)  # fmt: skip
LENGTHS = (0, 1, 2**15 - 1, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1)


def bytes_of(original: bytes, chance: random.Random, most: int = 4) -> bytes:
    """Some bytes turned, lost, doubled, put in, or a length written over: never all of it."""
    data = bytearray(original)
    for _ in range(chance.randint(1, most)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(7):
            case 0 if at < len(data):
                data[at] ^= 1 << chance.randrange(8)
            case 1:
                del data[at : at + chance.randint(1, 12)]
            case 2:
                data[at:at] = data[at : at + chance.randint(1, 24)]
            case 3:
                data[at:at] = chance.choice(WORDS)
            case 4:
                size = chance.choice((1, 2, 4))
                value = chance.choice(LENGTHS) % 256**size
                data[at : at + size] = value.to_bytes(size, chance.choice(("big", "little")))
            case 5 if len(data) > 1 and chance.random() < 0.3:
                del data[at:]
            case _:
                other = chance.randrange(len(data) + 1)
                data[at:at] = data[other : other + chance.randint(1, 40)]
    return bytes(data)


def value_of(original: object, chance: random.Random) -> object:
    """A JSON value with something in it changed for what does not belong there."""
    odd = (None, True, -1, 0, 1e308, "", "\0", "a" * 5000, [], {}, [[]], {"hearts": 3}, "../../x")
    if chance.random() < 0.15:
        return chance.choice(odd)
    if isinstance(original, dict) and original:
        changed = dict(original)
        key = chance.choice(list(changed))
        if chance.random() < 0.2:
            changed[chance.choice(("x", "", key + "s"))] = changed.pop(key)
        else:
            changed[key] = value_of(changed[key], chance)
        return changed
    if isinstance(original, list) and original:
        at = chance.randrange(len(original))
        return [*original[:at], value_of(original[at], chance), *original[at + 1 :]]
    return chance.choice(odd)
