"""``python -m autograd``."""

import sys

from autograd.cli.main import main

sys.exit(main())
