"""``python -m bridge`` and the ``beatbridge`` command."""


def main() -> None:
    """Run the command line.

    It is imported only here: each worker of a batch imports what its parent was started from.
    """
    from bridge.cli import main as run

    run()


if __name__ == "__main__":
    main()
