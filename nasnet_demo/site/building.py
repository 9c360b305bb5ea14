"""The static edition put together: a folder to host anywhere, or one file that opens by double-click.

The folder:

    index.html              templates/index.html, filled in
    ui/styles/, site/styles/ as in the package: those of the page with a server come first
    ui/*.js, site/scripts/  the page's modules, as in the package; page/main.js is the first
    photos/, photos/small/  the example photographs and their thumbnails
    network/                graphs, weights, worker.js, which runs them (site/scripts/worker.js and what it imports,
                            joined), and the photographs as the network sees them
    runtime/                ONNX Runtime
    service-worker.js       site/scripts/service_worker.js, told the files

The template has `{{ head }}` in its head and `{{ foot }}` at the end of its body, for what differs between the two
editions, `data` (see data.py), and the pieces of page.py for what can be written before a script runs.
"""

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from nasnet_demo import gallery
from nasnet_demo.files import new_folder, write_atomically
from nasnet_demo.installation import optional_packages
from nasnet_demo.model import Model, View
from nasnet_demo.site import modules, network, page, runtime
from nasnet_demo.site.data import data, views

with optional_packages():
    import jinja2
    from markupsafe import Markup

HERE = Path(__file__).parent
PACKAGE = HERE.parent  # paths of scripts and styles are as in it
SCRIPTS = HERE / "scripts"
STYLES = [path for room in ("ui", "site") for path in sorted((PACKAGE / room / "styles").glob("*.css"))]
SERVICE_WORKER = SCRIPTS / "service_worker.js"
PAGE, WORKER = SCRIPTS / "page" / "main.js", SCRIPTS / "worker.js"
THUMBNAIL = 160  # pixels on the long side
TYPES = {
    ".css": "text/css",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mjs": "text/javascript",
    ".wasm": "application/wasm",
}
TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader(__name__.rpartition(".")[0]),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)
Files = dict[str, bytes]


def write(model: Model, out: Path) -> Path:
    """Write the folder `out`, which must be new or empty, and return its page.

    Raises SiteError without the runtime and for a network without classes, OSError if the folder cannot be written.
    """
    seen = views(model)
    files = _files(model, seen) | _sources()
    files["index.html"] = _page(model, seen, _head(), _foot).encode()
    files["service-worker.js"] = _service_worker(files)
    with new_folder(out) as folder:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return out / "index.html"


def write_file(model: Model, out: Path) -> Path:
    """Write all of it as the one HTML file `out`. Raises as `write` does."""
    seen = views(model)
    files = _files(model, seen)
    written = _page(model, seen, _single_head(), lambda said: _single_foot(said, files))
    write_atomically(out, written.encode())
    return out


def _files(model: Model, seen: Mapping[str, View]) -> Files:
    """What both editions hold, by path."""
    made = {f"runtime/{name}": content for name, content in runtime.files().items()}
    made |= {f"network/{name}": content for name, content in network.pack(model).items()}
    made["network/worker.js"] = modules.joined(WORKER).encode()
    made["network/photographs.bin"] = np.stack([np.asarray(seen[n].crop) for n in _names()]).tobytes()
    for name in _names():
        made[f"photos/{name}"] = (gallery.STARTER / name).read_bytes()
        made[f"photos/small/{name}"] = _thumbnail(seen[name])
    return made


def _service_worker(files: Files) -> bytes:
    """The script that keeps the site for visits without network; it differs wherever a file does."""
    digest = hashlib.sha256(b"".join(hashlib.sha256(content).digest() for content in files.values())).hexdigest()
    site = json.dumps({"version": digest[:16], "files": ["./", *(name for name in files if name != "index.html")]})
    return f"self.SITE = {site};\n".encode() + SERVICE_WORKER.read_bytes()


def _names() -> list[str]:
    """The photographs' file names, in the order of `gallery.credits`."""
    return [photo["file"] for photo in gallery.credits()]


def _thumbnail(view: View) -> bytes:
    small, buffer = view.picture.copy(), BytesIO()
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    small.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def _sources() -> Files:
    """Styles and scripts, by path."""
    paths = [*STYLES, *modules.reached(PAGE), *modules.reached(SCRIPTS / "engine.js")]
    return {_name(path): path.read_bytes() for path in paths}


def _name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def _page(model: Model, seen: Mapping[str, View], head: str, foot: Any) -> str:
    said = data(model, dict(seen))
    vectors = np.stack([seen[Path(example["file"]).name].features for example in said["examples"]])
    said["features"] = base64.b64encode(vectors.astype(np.float16).tobytes()).decode()
    said["page"] = page.facts(model)
    filled = {"data": said, "head": Markup(head), "foot": Markup(foot(said))}
    return TEMPLATES.get_template("index.html").render(**filled, **page.pieces(model, seen))


def _embedded(said: Mapping[str, Any]) -> str:
    """The data as an element; nothing in it can end the element."""
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f'<script type="application/json" id="data">{text}</script>\n'


def _policy(scripts: str, more: str = "") -> str:
    """What the page may load and run: nothing from anywhere else, and nothing may be sent anywhere."""
    rules = (
        "default-src 'none'",
        f"script-src {scripts} 'wasm-unsafe-eval'",
        f"connect-src 'self'{more}",
        f"img-src 'self' data: blob:{more}",
        "style-src 'self' 'unsafe-inline'",
        f"worker-src 'self'{more}",
        "media-src 'self' blob: mediastream:",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
    )
    return f'<meta http-equiv="Content-Security-Policy" content="{"; ".join(rules)}">\n'


def _head() -> str:
    styles = [f'<link rel="stylesheet" href="{_name(path)}">\n' for path in STYLES]
    scripts = [f'<link rel="modulepreload" href="{_name(path)}">\n' for path in modules.reached(PAGE)]
    return "".join([_policy("'self'"), *styles, *scripts])


def _foot(said: Mapping[str, Any]) -> str:
    return f'{_embedded(said)}<script type="module" src="{_name(PAGE)}"></script>\n'


def _single_head() -> str:
    styles = "\n".join(path.read_text(encoding="utf-8") for path in STYLES)
    digest = base64.b64encode(hashlib.sha256(modules.joined(PAGE).encode()).digest()).decode()
    return _policy(f"'sha256-{digest}' blob: data:", " blob:") + f"<style>{styles}</style>\n"


def _single_foot(said: Mapping[str, Any], files: Files) -> str:
    packed = "".join(_asset(name, content) for name, content in files.items())
    return f'{_embedded(said)}{packed}<script type="module">{modules.joined(PAGE)}</script>\n'


def _asset(name: str, content: bytes) -> str:
    """A file inside the page, packed; `unpack` of scripts/assets.js takes it out."""
    kind = TYPES.get(Path(name).suffix, "application/octet-stream")
    text = base64.b64encode(gzip.compress(content, mtime=0)).decode()
    return f'<script type="application/octet-stream" data-asset="{name}" data-type="{kind}">{text}</script>\n'
