"""Pictures to compare with: build a gallery, search it, and the photographs that come with the demo."""

from nasnet_demo.gallery.building import Report, add, build, delete, remove
from nasnet_demo.gallery.exporting import export
from nasnet_demo.gallery.folder import pictures
from nasnet_demo.gallery.index import Gallery, Index, Kept, Neighbour
from nasnet_demo.gallery.looking import gather
from nasnet_demo.gallery.photographs import CREDITS, LICENCES, STARTER, credits, examples
from nasnet_demo.gallery.places import about, home, names, open_gallery, read
from nasnet_demo.gallery.rows import NO_CLASS, Row
from nasnet_demo.gallery.starter import starter
from nasnet_demo.gallery.storage import Stored, check_network

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
    "Stored",
    "about",
    "add",
    "build",
    "check_network",
    "credits",
    "delete",
    "examples",
    "export",
    "gather",
    "home",
    "names",
    "open_gallery",
    "pictures",
    "read",
    "remove",
    "starter",
]
