"""Where galleries lie: by name in a folder of the user's, or anywhere by path; and how one is opened by its address."""

import os
from pathlib import Path

import platformdirs

from nasnet_demo.errors import GalleryError
from nasnet_demo.files import cache_folder
from nasnet_demo.gallery import milvus, storage
from nasnet_demo.gallery.index import Index
from nasnet_demo.gallery.looking import Network
from nasnet_demo.installation import command_line

HOME_VARIABLE = "NASNET_DEMO_GALLERIES"


def home() -> Path:
    """Where galleries lie that have a name only: NASNET_DEMO_GALLERIES, else among the user's data."""
    if chosen := os.environ.get(HOME_VARIABLE):
        return Path(chosen)
    try:
        return platformdirs.user_data_path("nasnet_demo") / "galleries"
    except RuntimeError:  # a user without a home, as in some containers
        return cache_folder() / "galleries"


def names() -> list[str]:
    """The galleries that have a name, in order."""
    folder = home()
    return sorted(path.name for path in folder.iterdir() if storage.exists(path)) if folder.is_dir() else []


def folder_of(address: str | os.PathLike[str]) -> Path:
    """The folder of a gallery: a plain name means one at home, and whatever has a separator in it is a path."""
    text = os.fspath(address)
    is_path = isinstance(address, Path) or Path(text).name != text or text in (os.curdir, os.pardir, "")
    return Path(text) if is_path else home() / text


def open_gallery(address: str | os.PathLike[str], network: Network) -> Index:
    """The gallery at an address, made with the same network. Raises GalleryError.

    The address is a name, a path, or `milvus+URI/NAME`, which is connected to when it is first asked.
    """
    if isinstance(address, str) and address.startswith(milvus.PREFIX):
        return milvus.Collection(address, network)
    storage.check_network(address, about(address), network)
    return read(address)


def about(address: str | os.PathLike[str]) -> storage.Manifest:
    """What a gallery on disk is, whatever its network. Raises GalleryError."""
    return storage.read_manifest(existing(address))


def read(address: str | os.PathLike[str]) -> storage.Stored:
    """A gallery on disk, whatever its network. Raises GalleryError."""
    return storage.read(existing(address))


def existing(address: str | os.PathLike[str]) -> Path:
    """The folder of a gallery that is there, intact or not. Raises GalleryError."""
    folder = folder_of(address)
    if not storage.exists(folder):
        raise GalleryError(f"{address} is no gallery: make one with `{command_line()} gallery build FOLDER --to NAME`")
    return folder
