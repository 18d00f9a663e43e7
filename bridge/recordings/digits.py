"""Digits to numbers, many cells at once: what only differs from cell to cell is looked at."""

import numpy as np
from numpy.typing import NDArray

_MINUS, _DOT, _ZERO = 45, 46, 48
_WORD = 8
_ZEROS, _HIGH = np.uint64(0x3030303030303030), np.uint64(0xF0F0F0F0F0F0F0F0)
_TO_SIXTEEN = np.uint64(0x0606060606060606)
"""Lifts what is above 9 to 16 and more."""
_TEN, _PAIRS = np.uint64(10), np.uint64(0x000000FF000000FF)
_FIRST, _SECOND = np.uint64(1_000_000 << 32 | 100), np.uint64(10_000 << 32 | 1)
"""What the pairs of eight digits count: the first and third, the second and fourth."""
_MAX_DIGITS = 15
"""So many digits fit a float64 exactly, so that one division rounds as the C library would."""
_POWERS = 10.0 ** np.arange(_MAX_DIGITS + 1)


def words_of(buffer: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """The eight bytes before each place as one number; before the beginning are zeros."""
    padded = np.zeros(_WORD + len(buffer), np.uint8)
    padded[_WORD:] = buffer
    return np.ndarray((len(buffer) + 1,), "<u8", padded.data, strides=(1,))


def parse_from_right(
    buffer: NDArray[np.uint8],
    words: NDArray[np.uint64],
    starts: NDArray[np.intp],
    ends: NDArray[np.intp],
    decimals: int,
) -> NDArray[np.float64] | None:
    """Positive numbers with equally many decimals, as programs print tables; else None.

    Args:
        buffer: the body.
        words: the eight bytes before each place of the body, the last of them the highest.
        starts: of the cells.
        ends: of the cells.
        decimals: digits behind the point; -1 where there is none.
    """
    whole = ends - starts
    if decimals >= 0:
        whole -= decimals + 1
    if int(whole.min()) < 1 or int(whole.max()) > _WORD or decimals > _WORD:
        return None
    values = _digits(words[ends - (decimals + 1)], whole)
    if decimals <= 0 or values is None:
        return values if decimals < 0 else None
    if (buffer[ends - (decimals + 1)] != _DOT).any():
        return None
    behind = _digits(words[ends], np.intp(decimals))
    if behind is None:
        return None
    return np.asarray((values * _POWERS[decimals] + behind) / _POWERS[decimals], np.float64)


def _digits(
    words: NDArray[np.uint64], count: NDArray[np.intp] | np.intp
) -> NDArray[np.float64] | None:
    """The last ``count`` of each eight characters as a whole number; None if one is no digit.

    All eight at once: neighbours are joined to pairs, pairs to fours, fours to the number.
    """
    unused = (8 * (_WORD - count)).astype(np.uint64)
    # A shift by all 64 bits is not defined; there are never none.
    digits = (words ^ _ZEROS) >> unused << unused
    if ((digits | (digits + _TO_SIXTEEN)) & _HIGH).any():
        return None
    pairs = digits * _TEN + (digits >> np.uint64(8))
    fours = (pairs & _PAIRS) * _FIRST + (pairs >> np.uint64(16) & _PAIRS) * _SECOND
    return (fours >> np.uint64(32)).astype(np.float64)


def parse_plain(
    buffer: NDArray[np.uint8], starts: NDArray[np.intp], ends: NDArray[np.intp]
) -> NDArray[np.float64] | None:
    """Digits, one point, a leading minus, or nothing; None if any cell is written otherwise.

    Cells of one length are read together, as a matrix of characters.
    """
    lengths = ends - starts
    values = np.full(len(ends), np.nan)
    sizes = np.flatnonzero(np.bincount(lengths))
    if sizes[-1] > _MAX_DIGITS + 2:
        return None
    for length in sizes[sizes > 0].tolist():
        cells = slice(None) if len(sizes) == 1 else np.flatnonzero(lengths == length)
        windows = np.lib.stride_tricks.sliding_window_view(buffer, length)
        parsed = _parse_same_length(windows[starts[cells]])
        if parsed is None:
            return None
        values[cells] = parsed
    return values


def _parse_same_length(characters: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    """Cells of one length, shape (n, length), to numbers."""
    length = characters.shape[1]
    digits = characters - np.uint8(_ZERO)  # wraps round above 9 for what is below "0"
    negative = characters[:, 0] == _MINUS
    any_negative = bool(negative.any())
    if any_negative:
        if length == 1 or (characters[negative, 1] == _DOT).any():
            return None  # "-" alone, and "-." and "-.5", which are rare
        digits[negative, 0] = 0
    n_odd = np.count_nonzero(digits > 9)
    point = int(np.argmax(digits[0] > 9)) if n_odd else length
    values: NDArray[np.float64] | None
    if n_odd == 0 or (n_odd == len(digits) and (characters[:, point] == _DOT).all()):
        values = _parse_aligned(digits, point)
    else:
        values = _parse_with_points(characters, digits)
    if values is not None and any_negative:
        values[negative] *= -1
    return values


def _parse_aligned(digits: NDArray[np.uint8], point: int) -> NDArray[np.float64] | None:
    """Cells that all have their point in the same place (``point`` = length: none has one)."""
    length = digits.shape[1]
    places = max(length - 1 - point, 0)
    n_digits = length - (point < length)
    if not 0 < n_digits <= _MAX_DIGITS:
        return None
    # By Horner's rule, not as a product with powers of ten: that would wake up all of the linear
    # algebra library's threads, and wait for them.
    mantissa = np.zeros(len(digits))
    for column in range(length):
        if column != point:
            mantissa *= 10.0
            mantissa += digits[:, column]
    return np.asarray(mantissa / _POWERS[places], np.float64)


def _parse_with_points(
    characters: NDArray[np.uint8], digits: NDArray[np.uint8]
) -> NDArray[np.float64] | None:
    """Cells whose points stand in different places, or that hold something else."""
    length = characters.shape[1]
    odd = digits > 9
    point = np.where(odd.any(axis=1), odd.argmax(axis=1), length)
    values = np.empty(len(point))
    for at in np.flatnonzero(np.bincount(point)).tolist():
        cells = np.flatnonzero(point == at)
        if at < length and ((characters[cells, at] != _DOT).any() or odd[cells, at + 1 :].any()):
            return None
        parsed = _parse_aligned(digits[cells], at)
        if parsed is None:
            return None
        values[cells] = parsed
    return values
