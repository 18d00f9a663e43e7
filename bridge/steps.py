"""The usual step of a series of times."""

import numpy as np
from numpy.typing import NDArray


def median_step(times: NDArray[np.float64]) -> float:
    """The median of the steps, equal times left out; 0 if there is no step."""
    steps = np.diff(times)
    forward = steps > 0
    if not forward.all():
        steps = steps[forward]
    if not len(steps):
        return 0.0
    # Not np.median: it imports numpy.ma, which takes longer than all of this.
    steps.partition(len(steps) // 2)
    return float(steps[len(steps) // 2])
