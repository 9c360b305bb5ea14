"""The benchmark runs programs in fresh processes. They are strings, so nothing else notices what is wrong in them."""

import pytest

from nasnet_demo.benchmark import engines, gradients, timing
from nasnet_demo.gallery import examples
from nasnet_demo.network import onnx_graph

PROGRAMS = [engines.KERAS, engines.OPENVINO, gradients.OURS, gradients.TENSORFLOW]


@pytest.mark.parametrize("program", PROGRAMS, ids=["keras", "openvino", "our gradient", "its gradient"])
def test_what_is_compared_with_runs(program, tiny_weights, tiny_config, tiny_arrays, tmp_path, monkeypatch):
    monkeypatch.setattr(timing, "COLD_REPEATS", 1)
    graph = tmp_path / "graph.onnx"
    graph.write_bytes(onnx_graph.emit(tiny_config, tiny_arrays))
    seconds, memory = timing.process(program, str(tiny_weights), examples()[0], str(graph))
    assert seconds > 0
    assert memory > 0
