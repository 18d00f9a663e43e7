"""``python -m bridge`` is the ``beatbridge`` command."""

from bridge.cli import main

main()
