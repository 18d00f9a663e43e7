"""The Max for Live device: its sources, and what builds, checks and draws it."""
