"""The static edition: the demo as a folder of files, or one file, that runs on the visitor's own machine.

Texts, class tables, drawings and examples come from the Python sources, in `data.py`; the network and its backward
pass are the ONNX graphs of `network/`, in `network.py`; they run in onnxruntime-web, which `runtime.py` takes from npm.
Only what must run in the browser is JavaScript, in `scripts/`: the engine (`engine.js` says what can be asked of it,
`types.js` the shapes) and, under `scripts/page/`, the page. `building.py` puts it all together.
"""

from nasnet_demo.site.building import write, write_file

__all__ = ["write", "write_file"]
