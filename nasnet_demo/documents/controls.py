"""What the page's controls are called, for the page and for the lessons, which tell a class what to press."""

from typing import NamedTuple


class Control(NamedTuple):
    """A part of the page: its words as a visitor reads them, and its element's id (of a tab: its name in links)."""

    name: str
    id: str


TABS = {
    "look": Control("Look", "look"),
    "neighbours": Control("Neighbours", "neighbours"),
    "trust": Control("Can I trust it?", "trust"),
    "cells": Control("Cells", "cells"),
    "search": Control("Design a cell", "search"),
    "about": Control("This network", "about"),
}
CONTROLS = {
    "sees": Control("What it sees", "sees"),
    "looked": Control("Where it looked", "where"),
    "resembles": Control("What it resembles", "nearest"),
    "any_class": Control("Or any of its {classes} classes", "any-class"),
    "ask": Control("Ask in another way", "ask"),
    "crop": Control("Part of the picture", "crop"),
    "why": Control("Why alike?", "why"),
    "contrast": Control("The nearest that it calls otherwise", "contrast"),
    "own": Control("Bring pictures of your own", "own"),
    "gallery_map": Control("The map of the gallery", "gallery-map"),
    "remove": Control("Remove what they mark", "trust-run"),
    "scramble": Control("Scramble the network", "survival-run"),
    "cell": Control("The open cell", "drawing"),
    "all_on": Control("All on again", "all-on"),
    "compared": Control("What if it were off?", "compared"),
    "random": Control("Draw a random cell", "search-random"),
    "change": Control("Change an operation", "search-branch"),
    "card": Control("This network", "plain-words"),
    "compare": Control("Compare", "visit"),
}
