"""stationfeed: a folder of public-radio stories becomes what the station publishes."""

import logging

__version__ = "0.1.0"

# Heard only where somebody asks for it: `serve` does, a library's caller may.
logging.getLogger(__name__).addHandler(logging.NullHandler())
