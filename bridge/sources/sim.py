"""A simulated heart on a simulated sensor: ``sim?bpm=72``. For demos, rehearsals and tests."""
