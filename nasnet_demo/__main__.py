"""`python -m nasnet_demo`."""

import sys

from nasnet_demo.cli import main

if hasattr(sys.stdout, "reconfigure"):  # a file name need not be text that the terminal can show
    sys.stdout.reconfigure(errors="backslashreplace")

raise SystemExit(main())
