"""Commands: arguments in, calls down, words and exit codes out."""

from stationfeed.cli import on_air, publishing, sound, starting, tokens
from stationfeed.cli.program import app, main

__all__ = ["app", "main", "on_air", "publishing", "sound", "starting", "tokens"]
