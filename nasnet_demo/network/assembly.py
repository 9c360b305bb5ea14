"""How cells make a network: the wiring, written once for every kind of layer.

`assemble` walks a configuration and calls a `topology.Operations` object for every layer. Several exist: Keras layers
(keras_model.py, for training), ONNX nodes (onnx_graph.py, for everything that the demo computes), batch norms folded
away (folding.py) and bookkeeping (inventory.py: variables, sizes, multiply-adds). All follow this one file, so they
cannot disagree about what the network is.
"""

from typing import Any, NamedTuple

from nasnet_demo.errors import GenotypeError
from nasnet_demo.network.genotypes import Branch
from nasnet_demo.network.operations import IDENTITY, parse
from nasnet_demo.network.topology import SIDES, CellPlan, Config, Operations, block_scope, plan

DILATION = 2  # of every dilated convolution


class State(NamedTuple):
    """A hidden state: its tensor, its channels and how many times its resolution has been halved."""

    tensor: Any
    channels: int
    level: int


class Outputs(NamedTuple):
    """What a network computes: each cell's output by name, the last one after a ReLU, the mean of that over all
    positions, and the logits (None without classes)."""

    cells: dict[str, Any]
    activations: Any
    features: Any
    logits: Any


def assemble(config: Config, ops: Operations) -> Outputs:
    """Build the network that `config` describes out of `ops`."""
    x = ops.conv(ops.image(), "conv0", config.stem_filters, kernel=3, stride=2, padding="valid")
    current = State(ops.batch_norm(x, "conv0_bn"), config.stem_filters, level=1)
    previous: State | None = None
    cells = {}
    for step in plan(config):
        previous, current = current, _CellBuilder(step, ops).build(current, previous)
        cells[step.name] = current.tensor
    activations = ops.relu(current.tensor, "final_layer/relu")
    features = ops.global_mean(activations, "final_layer/global_pool")
    if not config.classes:
        return Outputs(cells, activations, features, None)
    dropped = ops.dropout(features, "final_layer/dropout", config.dropout)
    return Outputs(cells, activations, features, ops.dense(dropped, "final_layer/FC", config.classes))


class _CellBuilder:
    """One cell: fit the two inputs to the cell's filters, add up the blocks, concatenate the outputs."""

    def __init__(self, step: CellPlan, ops: Operations) -> None:
        self.step, self.ops = step, ops

    def build(self, current: State, previous: State | None) -> State:
        used = self.step.cell.used
        skip = current if previous is None or 1 not in used else self._fit_skip(previous, current.level)
        states = [self._project(current, f"{self.step.name}/1x1", f"{self.step.name}/beginning_bn"), skip]
        for index, block in enumerate(self.step.cell.blocks):
            scope = block_scope(self.step.name, index)
            left, right = (
                self._branch(branch, states, f"{scope}/{side}") for branch, side in zip(block, SIDES, strict=True)
            )
            total = self.ops.add(left.tensor, right.tensor, f"{scope}/combine")
            states.append(State(total, self.step.filters, left.level))
        return self._combine(states)

    def _fit_skip(self, skip: State, level: int) -> State:
        if skip.level != level:
            return self._factorized_reduction(self._relu(skip, f"{self.step.name}/prev_relu"), self.step.name)
        if skip.channels != self.step.filters:
            return self._project(skip, f"{self.step.name}/prev_1x1", f"{self.step.name}/prev_bn")
        return skip

    def _branch(self, branch: Branch, states: list[State], scope: str) -> State:
        state = self._operation(branch, states[branch.input], scope)
        return state._replace(tensor=self.ops.gate(state.tensor, scope))

    def _operation(self, branch: Branch, state: State, scope: str) -> State:
        stride = self.step.stride if branch.input < 2 else 1
        if branch.operation == IDENTITY:
            if stride == 1 and state.channels == self.step.filters:
                return state
            return self._project(state, f"{scope}/1x1", f"{scope}/bn_1", stride)
        kind, kernels = parse(branch.operation)
        if kind == "separable":
            state = self._stacked_separable_conv(state, scope, kernels[0][0], stride)
        elif kind == "dilated_separable":
            state = self._dilated_separable_conv(state, scope, kernels[0][0], stride)
        elif kind in ("conv", "dilated_conv"):
            state = self._conv(state, scope, kernels, stride, dilated=kind == "dilated_conv")
        else:
            state = self._pool(state, scope, kind, kernels[0][0], stride)
        if self.step.drop_path:
            state = state._replace(tensor=self.ops.drop_path(state.tensor, f"{scope}/drop_path", self.step.drop_path))
        return state

    def _stacked_separable_conv(self, state: State, scope: str, kernel: int, stride: int) -> State:
        x, level = state.tensor, state.level + stride - 1
        for layer in (1, 2):
            x = self.ops.relu(x, f"{scope}/relu_{layer}")
            name = f"{kernel}x{kernel}_{layer}"
            x = self.ops.separable_conv(x, f"{scope}/separable_{name}", self.step.filters, kernel, stride)
            x = self.ops.batch_norm(x, f"{scope}/bn_sep_{name}")
            stride = 1
        return State(x, self.step.filters, level)

    def _dilated_separable_conv(self, state: State, scope: str, kernel: int, stride: int) -> State:
        """As in DARTS, which applies it once; NASNet applies its separable convolutions twice."""
        state, dilation = self._dilate(self._relu(state, f"{scope}/relu"), scope, stride)
        name = f"{kernel}x{kernel}"
        x = self.ops.separable_conv(state.tensor, f"{scope}/dilated_{name}", self.step.filters, kernel, 1, dilation)
        return State(self.ops.batch_norm(x, f"{scope}/bn_dilated_{name}"), self.step.filters, state.level)

    def _conv(self, state: State, scope: str, kernels: tuple, stride: int, dilated: bool) -> State:
        """A bottleneck, as in AmoebaNet's code: between two 1x1 convolutions there are only a quarter of the filters
        (3/8 for 1x3 and 3x1)."""
        if kernels == ((1, 1),):
            return self._project(state, f"{scope}/1x1", f"{scope}/bn_1", stride)
        filters = self.step.filters
        narrow = filters * 3 // 8 if kernels[0] == (1, 3) else filters // 4
        if narrow:
            state = self._project(state, f"{scope}/pre_1x1", f"{scope}/pre_bn", filters=narrow)
        dilation = 1
        if dilated:
            state, dilation = self._dilate(state, scope, stride)
            stride = 1
        for height, width in kernels:
            strides = (stride if height > 1 else 1, stride if width > 1 else 1)
            name, bn = f"{scope}/{height}x{width}", f"{scope}/bn_{height}x{width}"
            state = self._relu(state, f"{name}_relu")
            x = self.ops.conv(state.tensor, name, narrow or filters, (height, width), strides, dilation=dilation)
            state = State(self.ops.batch_norm(x, bn), narrow or filters, state.level)
        state = state._replace(level=state.level + stride - 1)
        return self._project(state, f"{scope}/post_1x1", f"{scope}/post_bn") if narrow else state

    def _dilate(self, state: State, scope: str, stride: int) -> tuple[State, int]:
        """What to convolve, and the dilation. With stride 2, a dilated convolution reads every other pixel only, so it
        is a plain convolution of those."""
        if stride == 1:
            return state, DILATION
        return State(self.ops.subsample(state.tensor, f"{scope}/subsample"), state.channels, state.level + 1), 1

    def _pool(self, state: State, scope: str, kind: str, kernel: int, stride: int) -> State:
        pool = self.ops.max_pool if kind == "max_pool" else self.ops.avg_pool
        x = pool(state.tensor, f"{scope}/{kind}", kernel, stride)
        if state.channels != self.step.filters:
            x = self.ops.batch_norm(self.ops.conv(x, f"{scope}/1x1", self.step.filters, kernel=1), f"{scope}/bn_1")
        return State(x, self.step.filters, state.level + stride - 1)

    def _combine(self, states: list[State]) -> State:
        last = states[-1]
        outputs = []
        for index in self.step.cell.outputs:
            state, scope = states[index], f"{self.step.name}/cell_output/reduction_{index}"
            if state.level != last.level:
                state = self._factorized_reduction(state, scope)
            elif state.channels != last.channels:
                x = self.ops.conv(state.tensor, f"{scope}/path_conv", last.channels, kernel=1)
                state = State(self.ops.batch_norm(x, f"{scope}/path_bn"), last.channels, last.level)
            outputs.append(state.tensor)
        output = self.ops.concat(outputs, f"{self.step.name}/cell_output")
        return State(output, last.channels * len(outputs), last.level)

    def _project(self, state: State, conv: str, bn: str, stride: int = 1, filters: int = 0) -> State:
        filters = filters or self.step.filters
        x = self.ops.relu(state.tensor, f"{conv}_relu")
        x = self.ops.conv(x, conv, filters, kernel=1, stride=stride)
        return State(self.ops.batch_norm(x, bn), filters, state.level + stride - 1)

    def _relu(self, state: State, name: str) -> State:
        return state._replace(tensor=self.ops.relu(state.tensor, name))

    def _factorized_reduction(self, state: State, scope: str) -> State:
        """Halve the resolution without losing every other row: the second path is shifted by one pixel."""
        if self.step.filters % 2:
            raise GenotypeError(
                f"{scope}: a factorized reduction needs an even number of filters, not {self.step.filters}"
            )
        half = self.step.filters // 2
        path1 = self.ops.conv(self.ops.subsample(state.tensor, f"{scope}/path1"), f"{scope}/path1_conv", half, kernel=1)
        shifted = self.ops.shift(state.tensor, f"{scope}/path2_shift")
        path2 = self.ops.conv(self.ops.subsample(shifted, f"{scope}/path2"), f"{scope}/path2_conv", half, kernel=1)
        x = self.ops.concat([path1, path2], f"{scope}/final_path")
        return State(self.ops.batch_norm(x, f"{scope}/final_path_bn"), self.step.filters, state.level + 1)
