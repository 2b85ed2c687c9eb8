"""The process behind `crossquote`. It can be interrupted from its first moment on, long before everything is imported."""

import signal

from pipeline.interruption import INTERRUPTED, STOPPED, leave, stop


def main() -> None:
    """Run the command line."""
    try:
        signal.signal(signal.SIGTERM, stop)
        from pipeline import cli

        cli.main()
    except KeyboardInterrupt:
        leave(INTERRUPTED)
    except SystemExit as end:
        if end.code == STOPPED:
            leave(STOPPED)
        raise


if __name__ == "__main__":
    main()
