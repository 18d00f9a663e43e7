"""Which straps are in reach."""

from typing import TYPE_CHECKING, Any

from bridge.errors import BeatbridgeError
from bridge.sources.ble import heart_rate

if TYPE_CHECKING:
    from bleak.backends.scanner import AdvertisementData


def bleak() -> Any:
    """The module, which is an extra.

    Raises:
        BeatbridgeError: it is not installed.
    """
    try:
        import bleak as module
    except ImportError:
        raise BeatbridgeError(
            'Bluetooth needs bleak: uv sync --extra ble, or pip install ".[ble]"'
        ) from None
    return module


def no_bluetooth(error: BaseException) -> BeatbridgeError:
    """What to say on a computer that has no Bluetooth, or has it switched off."""
    if isinstance(error, FileNotFoundError):  # the system's bus, on which BlueZ would be
        return BeatbridgeError("no Bluetooth here: its service (BlueZ) does not run")
    return BeatbridgeError(f"no Bluetooth here: {error}")


def is_strap(advertised: "AdvertisementData") -> bool:
    """Whether a device says that it measures hearts."""
    return heart_rate.SERVICE in advertised.service_uuids


async def straps(seconds: float = 5.0) -> list[str]:
    """The heart-rate sensors in reach, by name, or by address where they have none.

    Raises:
        BeatbridgeError: bleak is not installed, or there is no Bluetooth here.
    """
    module = bleak()
    try:
        found = await module.BleakScanner.discover(timeout=seconds, return_adv=True)
    except (module.BleakError, OSError) as error:
        raise no_bluetooth(error) from None
    return sorted(d.name or d.address for d, advertised in found.values() if is_strap(advertised))
