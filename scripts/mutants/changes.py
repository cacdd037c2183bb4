"""What can be changed in a file, one operator or constant at a time."""

import ast
import copy
import re
from collections.abc import Iterator
from typing import Any

COUNT = 3  # from here on a whole number is a budget, a count or a size
GUARD = 1e-6
TYPE = re.compile(r"[A-Z][a-z]|str$|int$|float$")
EXCHANGED: dict[type[ast.AST], Any] = {
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Add: ast.Sub, ast.Sub: ast.Add,
    ast.Mult: ast.Div, ast.Div: ast.Mult, ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
RENAMED = {
    one: other
    for pair in (("argmax", "argmin"), ("max", "min"), ("any", "all"))
    for one, other in (pair, pair[::-1])
}


def changed(node: ast.AST) -> ast.AST | None:
    """The node with its one operator or constant changed, if it has one."""
    new: Any = copy.deepcopy(node)
    match new:
        case ast.Compare(ops=[op]) if type(op) in EXCHANGED:
            new.ops = [EXCHANGED[type(op)]()]
        case ast.BinOp(op=ast.BitOr(), right=ast.Name(id=name)) if TYPE.match(name):
            return None  # one type or another
        case ast.BinOp(right=ast.Constant(value=str()), op=ast.Div()):
            return None  # a path
        case ast.BinOp(op=op) | ast.BoolOp(op=op) if type(op) in EXCHANGED:
            new.op = EXCHANGED[type(op)]()
        case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.Invert()):
            operand: ast.AST = new.operand
            return operand
        case ast.Constant(value=bool(value)):
            new.value = not value
        case ast.Constant(value=int(value)):
            new.value = value + 1 if value < COUNT else 1
        case ast.Constant(value=float(value)) if abs(value) < GUARD:
            return None  # against a division by zero, or for the last digits
        case ast.Constant(value=float(value)):
            new.value = 2 * value
        case ast.Attribute(attr=name, ctx=ast.Load()) if name in RENAMED:
            new.attr = RENAMED[name]
        case ast.Name(id=name, ctx=ast.Load()) if name in RENAMED:
            new.id = RENAMED[name]
        case _:
            return None
    mutant: ast.AST = new
    return mutant


def places(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes of what runs: no types, no refusals of bad input, no messages."""
    for name, field in ast.iter_fields(tree):
        if name in ("annotation", "returns", "decorator_list", "pattern"):
            continue
        for node in field if isinstance(field, list) else [field]:
            if isinstance(node, ast.Raise | ast.JoinedStr | ast.arguments):
                continue
            if isinstance(node, ast.If) and isinstance(node.body[0], ast.Raise):
                continue
            if isinstance(node, ast.AST):
                if changed(node) is not None:
                    yield node
                yield from places(node)


class _Exchange(ast.NodeTransformer):
    def __init__(self, node: ast.AST) -> None:
        self.node = node

    def visit(self, node: ast.AST) -> ast.AST:
        if node is self.node:
            return changed(node) or node
        return self.generic_visit(node)


def with_one(code: str, place: int) -> str:
    """The code with the change at one of its places."""
    tree = ast.parse(code)
    node = list(places(tree))[place]
    return ast.unparse(ast.fix_missing_locations(_Exchange(node).visit(tree)))


class _Choose(ast.NodeTransformer):
    def __init__(self, names: dict[int, int]) -> None:
        self.names = names  # of the id of a node: the number of its mutant

    def visit(self, node: Any) -> Any:
        if (number := self.names.get(id(node))) is None:
            return self.generic_visit(node)
        new: Any = changed(node)
        old: Any = self.generic_visit(node)
        asked = ast.Call(ast.Name("reached", ast.Load()), [ast.Constant(number)], [])
        return ast.IfExp(asked, new, old)


def with_all(code: str, numbers: dict[int, int]) -> str:
    """The code with the changes at many of its places, each behind `reached(number)`.

    `numbers` gives the number of the mutant at a place.
    """
    tree = ast.parse(code)
    found = list(places(tree))
    _Choose({id(found[place]): n for place, n in numbers.items()}).visit(tree)
    first = ast.ImportFrom("foible_mutants", [ast.alias("reached")], 0)
    tree.body.insert(int(ast.get_docstring(tree) is not None), first)
    return ast.unparse(ast.fix_missing_locations(tree))
