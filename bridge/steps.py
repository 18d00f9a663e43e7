"""The usual step of a series of times."""

import numpy as np
from numpy.typing import NDArray


def median_step(times: NDArray[np.float64]) -> float:
    """The median of the steps, equal times left out; 0 if there is no step."""
    steps = np.diff(times)
    steps = steps[steps > 0]
    if not len(steps):
        return 0.0
    # Not np.median: it imports numpy.ma, which takes longer than all of this.
    return float(np.partition(steps, len(steps) // 2)[len(steps) // 2])
