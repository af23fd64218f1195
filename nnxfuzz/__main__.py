"""The command `nnxfuzz`, and `python -m nnxfuzz`."""

import sys


def main() -> None:
    """Run the command line and exit.  Ctrl-C while it is imported is no traceback either."""
    try:
        from nnxfuzz import cli
    except KeyboardInterrupt:
        print("nnxfuzz: interrupted", file=sys.stderr)
        sys.exit(130)
    cli.main()


if __name__ == "__main__":
    main()
