"""`python -m nasnet_demo`."""

from nasnet_demo.cli import main

raise SystemExit(main())
