"""Commands: arguments in, calls down, words and exit codes out."""

from stationfeed.cli import publishing, sound, starting
from stationfeed.cli.program import app, main

__all__ = ["app", "main", "publishing", "sound", "starting"]
