"""ONNX Runtime for browsers, from npm: the version and the checksum that package-lock.json names, kept in the cache.

Its wasm-only build is one module with everything but the WebAssembly itself, and needs none of the packages that npm
would install with it. It is fetched while the site is written and never while it is visited.
"""

import base64
import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from contextlib import suppress
from pathlib import Path

from nasnet_demo import sealing
from nasnet_demo.errors import SiteError
from nasnet_demo.files import cache_folder, new_folder

LOCK = Path(__file__).with_name("package-lock.json")
PACKAGE = "onnxruntime-web"
FILES = {  # names in the site, and in the package
    "ort.mjs": "package/dist/ort.wasm.bundle.min.mjs",
    "ort.wasm": "package/dist/ort-wasm-simd-threaded.wasm",
}
SECONDS = 600  # to wait for npm
NO_NPM = "the static edition needs npm once, to fetch ONNX Runtime for browsers (Debian: apt-get install npm)"


def files() -> dict[str, bytes]:
    """The runtime's files by name. Raises SiteError where they can be neither found in the cache nor fetched."""
    locked = json.loads(LOCK.read_text(encoding="utf-8"))["packages"][f"node_modules/{PACKAGE}"]
    kept = cache_folder() / f"{PACKAGE}-{locked['version']}"
    if not sealing.is_intact(kept):
        found = _unpack(_fetch(locked["version"], locked["integrity"]))
        with suppress(OSError):  # without a cache it works too
            _keep(kept, found)
        return found
    return {name: (kept / name).read_bytes() for name in FILES}


def _fetch(version: str, integrity: str) -> bytes:
    """The package's archive. Raises SiteError unless it has the checksum."""
    npm = shutil.which("npm")
    if npm is None:
        raise SiteError(NO_NPM)
    with tempfile.TemporaryDirectory() as folder:
        command = [
            npm,
            "pack",
            f"{PACKAGE}@{version}",
            "--ignore-scripts",
            "--prefer-offline",
            "--silent",
            "--pack-destination",
            folder,
        ]
        try:
            subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=SECONDS)
        except subprocess.CalledProcessError as error:
            last = (error.stderr.strip().splitlines() or ["it does not say why"])[-1]
            raise SiteError(f"npm cannot fetch {PACKAGE} {version}: {last}") from None
        except subprocess.TimeoutExpired:
            raise SiteError(f"npm did not fetch {PACKAGE} {version} within {SECONDS} seconds") from None
        archive = next(Path(folder).glob("*.tgz")).read_bytes()
    if base64.b64encode(hashlib.sha512(archive).digest()).decode() != integrity.removeprefix("sha512-"):
        raise SiteError(f"{PACKAGE} {version} from npm is not the one that {LOCK.name} names")
    return archive


def _unpack(archive: bytes) -> dict[str, bytes]:
    with tempfile.TemporaryFile() as file:
        file.write(archive)
        file.seek(0)
        with tarfile.open(fileobj=file) as opened:
            members = {name: opened.extractfile(path) for name, path in FILES.items()}
            return {name: member.read() for name, member in members.items() if member}


def _keep(folder: Path, found: dict[str, bytes]) -> None:
    if folder.exists():
        shutil.rmtree(folder)  # damaged
    with new_folder(folder) as made:
        for name, content in found.items():
            (made / name).write_bytes(content)
        sealing.seal(made, [made / name for name in found])
