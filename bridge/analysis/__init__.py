"""Whole recordings as beats, tables and plots: what ``beatbridge analyze`` writes."""
