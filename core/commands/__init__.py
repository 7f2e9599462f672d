"""What `python -m core` can do: a module a verb, and what they share.

datasets, recipes, models         lists
train, evaluate, predict, explain
card                              what there is to know of a model before it is used
export, importing                 a model to another machine, and from there
rename, delete                    a model that was trained here
clean                             what was kept to work faster, the oldest first
doctor                            whether everything works on this machine
table_options                     options of verbs that read a table of one's own
terminal                          the form of answers and figures, messages, files of text
processes                         options of verbs that many processes may work on together

A verb's docstring is its help. `add_options` adds its arguments, and `run` takes them parsed and gives an `Answer`.
"""

import argparse
from typing import Protocol

from core.commands.terminal import Answer

__all__ = ["Answer", "Verb"]


class Verb(Protocol):
    """What the module of a verb holds."""

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the verb's arguments, except --json."""

    def run(self, options: argparse.Namespace) -> Answer:
        """Do it. Raises WhywordError for what the user can put right."""
