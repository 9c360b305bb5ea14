"""Pictures to compare with: index a folder, search it, and the photographs that come with the demo."""

from nasnet_demo.gallery.building import build, index_file, open_gallery, starter
from nasnet_demo.gallery.folder import pictures
from nasnet_demo.gallery.index import Gallery, Neighbour
from nasnet_demo.gallery.photographs import CREDITS, LICENCES, STARTER, credits, examples

__all__ = [
    "CREDITS",
    "LICENCES",
    "STARTER",
    "Gallery",
    "Neighbour",
    "build",
    "credits",
    "examples",
    "index_file",
    "open_gallery",
    "pictures",
    "starter",
]
