"""`python -m stationfeed`."""

from stationfeed.cli import main

main()
