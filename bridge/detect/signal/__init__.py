"""From raw samples to an even, filtered signal: the time base, short holes, the prefilter."""
