"""Pictures to compare with: build a gallery, search it, and the photographs that come with the demo."""

from nasnet_demo.gallery.building import Report, build
from nasnet_demo.gallery.folder import pictures
from nasnet_demo.gallery.index import Gallery, Index, Kept, Neighbour
from nasnet_demo.gallery.looking import gather
from nasnet_demo.gallery.photographs import CREDITS, LICENCES, STARTER, credits, examples
from nasnet_demo.gallery.places import open_gallery
from nasnet_demo.gallery.rows import NO_CLASS, Row
from nasnet_demo.gallery.starter import starter

__all__ = [
    "CREDITS",
    "LICENCES",
    "NO_CLASS",
    "STARTER",
    "Gallery",
    "Index",
    "Kept",
    "Neighbour",
    "Report",
    "Row",
    "build",
    "credits",
    "examples",
    "gather",
    "open_gallery",
    "pictures",
    "starter",
]
