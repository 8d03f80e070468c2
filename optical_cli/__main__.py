"""The entry point: `optical`, and `python -m optical_cli`, which `torchrun -m` starts."""

import signal
import sys


def main() -> None:
    """Run the command line; Ctrl-C before and after the command's own time is quiet, too."""
    try:
        from optical_cli.app import main as run

        run()
    except KeyboardInterrupt:
        print("optical: error: interrupted", file=sys.stderr)
        sys.exit(130)
    finally:
        # All is done but what libraries do at exit, which would print a traceback.
        signal.signal(signal.SIGINT, signal.SIG_IGN)


if __name__ == "__main__":
    main()
