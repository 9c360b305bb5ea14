"""The page's templates as data, so that a browser fills in the same ones: scripts/page/templates.js reads them.

A template becomes its macros by name; a macro is its arguments, their defaults, and a body of nested lists, one a node
of Jinja's own syntax tree. Only what our templates use is known: anything else is refused while the site is built.
"""

from collections.abc import Callable, Sequence
from typing import Any

from jinja2 import Environment, nodes

Tree = list[Any]


def macros(environment: Environment, template: str) -> dict[str, Tree]:
    """The macros of a template by name, each as [arguments, defaults, body]. Raises TypeError for syntax that is not
    known here."""
    found = _parse(environment, template).find_all(nodes.Macro)
    return {macro.name: _macro(environment, macro) for macro in found}


def _parse(environment: Environment, template: str) -> nodes.Template:
    assert environment.loader, "templates come from files"
    source, _, _ = environment.loader.get_source(environment, template)
    return environment.parse(source)


def _macro(environment: Environment, macro: nodes.Macro) -> Tree:
    arguments = [argument.name for argument in macro.args]
    return [arguments, [_expression(default) for default in macro.defaults], _body(environment, macro.body)]


def _body(environment: Environment, body: Sequence[nodes.Node]) -> Tree:
    return [written for node in body for written in _statement(environment, node)]


def _statement(environment: Environment, node: nodes.Node) -> Tree:
    """A node as a list of statements: a text as it is, and everything else as [what, ...]."""
    match node:
        case nodes.Output():
            return [
                one.data if isinstance(one, nodes.TemplateData) else ["out", _expression(one)] for one in node.nodes
            ]
        case nodes.If():
            other = _body(environment, node.else_)
            for further in reversed(node.elif_):
                other = [["if", _expression(further.test), _body(environment, further.body), other]]
            return [["if", _expression(node.test), _body(environment, node.body), other]]
        case nodes.For():
            return [["for", _names(node.target), _expression(node.iter), _body(environment, node.body)]]
        case nodes.Assign():
            return [["set", _names(node.target), _expression(node.node)]]
        case nodes.AssignBlock():
            return [["block", _names(node.target), _body(environment, node.body)]]
        case nodes.Include(template=nodes.Const(value=name)):
            return _body(environment, _parse(environment, name).body)
    raise TypeError(f"templates.js does not know {type(node).__name__}")


def _names(target: nodes.Node) -> Tree:
    """The names that a loop or an assignment gives values to; a pair in a pair is a list in the list."""
    if isinstance(target, nodes.Tuple):
        return [_names(one) if isinstance(one, nodes.Tuple) else one.name for one in target.items]  # type: ignore[attr-defined]
    return [target.name]  # type: ignore[attr-defined]


BINARY: dict[type[nodes.BinExpr], str] = {
    nodes.Add: "+", nodes.Sub: "-", nodes.Mul: "*", nodes.Div: "/", nodes.FloorDiv: "//", nodes.Mod: "%",
    nodes.And: "and", nodes.Or: "or",
}  # fmt: skip
SIMPLE: dict[type[nodes.Node], Callable[[Any], Tree]] = {
    nodes.Const: lambda node: ["const", node.value],
    nodes.Name: lambda node: ["name", node.name],
    nodes.Getattr: lambda node: ["at", _expression(node.node), ["const", node.attr]],
    nodes.Getitem: lambda node: _item(node),
    nodes.Tuple: lambda node: ["list", [_expression(one) for one in node.items]],
    nodes.List: lambda node: ["list", [_expression(one) for one in node.items]],
    nodes.Concat: lambda node: ["join", [_expression(one) for one in node.nodes]],
    nodes.Neg: lambda node: ["two", "-", ["const", 0], _expression(node.node)],
    nodes.Not: lambda node: ["not", _expression(node.node)],
    nodes.CondExpr: lambda node: ["either", *(one and _expression(one) for one in (node.test, node.expr1, node.expr2))],
    nodes.Call: lambda node: [
        "call",
        _expression(node.node),
        [_expression(one) for one in _starred(node)],
        bool(node.dyn_args),
    ],
    nodes.Test: lambda node: ["test", node.name, _expression(node.node)],
    nodes.Filter: lambda node: [
        "filter",
        node.name,
        _expression(node.node),
        [_expression(one) for one in node.args],
        {one.key: _expression(one.value) for one in node.kwargs},
    ],
}


def _item(node: nodes.Getitem) -> Tree:
    if isinstance(node.arg, nodes.Slice):
        ends = (one and _expression(one) for one in (node.arg.start, node.arg.stop))
        return ["slice", _expression(node.node), *ends]
    return ["at", _expression(node.node), _expression(node.arg)]


def _starred(call: nodes.Call) -> list[nodes.Expr]:
    """The arguments of a call; what is given with a star comes last."""
    return [*call.args, *([call.dyn_args] if call.dyn_args else [])]


def _expression(node: nodes.Node) -> Tree:
    if isinstance(node, nodes.BinExpr) and type(node) in BINARY:
        return ["two", BINARY[type(node)], _expression(node.left), _expression(node.right)]
    if isinstance(node, nodes.Compare):
        assert len(node.ops) == 1, "a chain of comparisons"
        return ["two", node.ops[0].op, _expression(node.expr), _expression(node.ops[0].expr)]
    if type(node) in SIMPLE:
        return SIMPLE[type(node)](node)
    raise TypeError(f"templates.js does not know {type(node).__name__}")
