"""Heart-rate variability: the measures once, then rolling, spectral and tabled."""
