"""A Hugging Face Space: the files it is made of, and how they get there.

Its settings are the front matter of README.md:
https://huggingface.co/docs/hub/spaces-config-reference
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from httpx2 import HTTPError
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, SpaceCard
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalTokenNotFoundError

from nasnet_demo.errors import HostingError, first_line

CHECKOUT = Path(__file__).parents[2]
# What the app needs beside the package, and what its licence asks for.
FILES = ("README.md", "LICENSE", "app.py", "requirements.txt", "docs/page-light.png")
PACKAGE = "nasnet_demo"
LARGE = 10_000_000  # bytes: the Hub takes larger files only by LFS
ATTRIBUTES = ".gitattributes"
MESSAGE = "NASNet Demo {version}"
# The settings that the Hub knows. Others it ignores, so that a misspelt one would go unnoticed.
SETTINGS = set(
    """title emoji colorFrom colorTo short_description thumbnail pinned header fullWidth license tags models datasets
    sdk sdk_version python_version app_file app_build_command app_port base_path startup_duration_timeout
    suggested_hardware suggested_storage preload_from_hub custom_headers disable_embedding
    hf_oauth hf_oauth_scopes hf_oauth_expiration_minutes hf_oauth_authorized_org""".split()  # noqa: SIM905
)


def app_files(root: Path = CHECKOUT) -> dict[str, Path]:
    """The files of the Space that runs the app, by their names there. Raises HostingError if this is no checkout."""
    if missing := [name for name in FILES if not (root / name).is_file()]:
        raise HostingError(f"a Space is made from a checkout of the repository; {root} has no {missing[0]}")
    package = [path for path in sorted((root / PACKAGE).rglob("*")) if path.is_file() and _is_source(path, root)]
    return {path.relative_to(root).as_posix(): path for path in [*(root / name for name in FILES), *package]}


def _is_source(path: Path, root: Path) -> bool:
    """Not what Python and editors leave behind."""
    return not any(part.startswith((".", "__pycache__")) or part.endswith("~") for part in path.relative_to(root).parts)


def static_files(site: Path, readme: str) -> dict[str, Path]:
    """The files of a Space that only serves the folder `site`, in which a README.md with its settings is written."""
    (site / "README.md").write_text(readme, encoding="utf-8")
    return {path.relative_to(site).as_posix(): path for path in sorted(site.rglob("*")) if path.is_file()}


def static_readme(card: SpaceCard) -> str:
    """The front matter of a static Space, with the title and the colours of the app's."""
    settings = card.data.to_dict()
    kept = {key: settings[key] for key in ("title", "emoji", "colorFrom", "colorTo", "license", "short_description")}
    made = SpaceCard("---\n---\n")
    made.data = type(card.data)(**kept, sdk="static", app_file="index.html", pinned=False)
    made.text = "NASNet Demo on the visitor's own machine: written by `nasnet-demo site`.\n"
    return str(made)


def check(card: SpaceCard) -> None:
    """Raises HostingError for a setting that the Hub does not know."""
    if unknown := sorted(card.data.to_dict().keys() - SETTINGS):
        raise HostingError(f"the front matter of README.md has a setting that the Hub does not know: {unknown[0]}")


def push(name: str, files: dict[str, Path], version: str) -> str:
    """Make the Space OWNER/NAME hold exactly these files, in one commit; its address.

    The token is the one that `hf auth login` keeps, or HF_TOKEN. Raises HostingError.
    """
    card = SpaceCard.load(files["README.md"])
    check(card)
    api = HfApi()
    with _hub_errors(name):
        card.validate()
        made = api.create_repo(name, repo_type="space", space_sdk=card.data.sdk, exist_ok=True)
        there = api.list_repo_files(made.repo_id, repo_type="space")
        api.create_commit(
            made.repo_id,
            repo_type="space",
            commit_message=MESSAGE.format(version=version),
            operations=[
                *_added(files),
                *(CommitOperationDelete(old) for old in there if old not in {*files, ATTRIBUTES}),
            ],
        )
        return str(made)


def _added(files: dict[str, Path]) -> list[CommitOperationAdd]:
    """The files, and one in which the Hub reads which of them go by LFS."""
    large = [name for name, path in files.items() if path.stat().st_size > LARGE]
    attributes = "".join(f'"{name}" filter=lfs diff=lfs merge=lfs -text\n' for name in large).encode()
    return [CommitOperationAdd(name, path) for name, path in (files | {ATTRIBUTES: attributes}).items()]


@contextmanager
def _hub_errors(name: str) -> Iterator[None]:
    """What the Hub, the network and a missing token say, in one line."""
    try:
        yield
    except LocalTokenNotFoundError:
        raise HostingError("no token for the Hub: run `hf auth login`, or set HF_TOKEN") from None
    except HFValidationError:
        raise HostingError(f"a Space is called OWNER/NAME, in letters, digits, '-', '_' and '.', not {name}") from None
    except HfHubHTTPError as error:
        raise HostingError(f"the Hub refused: {error.server_message or first_line(error)}") from None
    except HTTPError as error:
        raise HostingError(f"cannot reach the Hub: {first_line(error)}") from None
    except ValueError as error:  # so says card.validate
        raise HostingError(f"the Hub does not take the front matter of README.md: {first_line(error)}") from None
