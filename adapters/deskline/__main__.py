"""``python -m deskline``: the command line."""

import sys

from deskline.cli import main

if __name__ == "__main__":
    sys.exit(main())
