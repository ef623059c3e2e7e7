"""The command line in a process of its own: ``python command_line.py ARGUMENTS``."""

import sys

from harness.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
