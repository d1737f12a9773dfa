"""
Rules of this house that no linter has: read from the syntax tree of each module, and its length.

`python scripts/house_rules.py [FILES]` looks at src, or at the files given; each line it
prints says what is forbidden, why, and the way out. What may be right now and then needs
its reason on the line: a `noqa` with one, or `# wall clock: …`.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent

# Reading one of these runs whatever its writer likes.
UNSAFE_MODULES = frozenset({"pickle", "marshal", "shelve", "dill", "cPickle", "yaml"})
UNSAFE_CALLS = frozenset({"eval", "exec", "os.system", "os.popen", "__import__"})
# Where the order of clients' reconnects is decided: nothing there is a secret.
MAY_BE_RANDOM = frozenset({"src/conclave/client/client.py", "src/conclave/engine/cluster.py"})
# Decisions about who may do what: an assert there is gone with `python -O`.
DECIDES = ("src/conclave/auth/", "src/conclave/core/permissions.py", "src/conclave/core/session.py",
           "src/conclave/core/throttle.py", "src/conclave/server/handshake.py",
           "src/conclave/server/origin.py", "src/conclave/server/forwarded.py")  # fmt: skip
# Broken for years; nobody who comes needs them.
OLD_TLS = frozenset({"PROTOCOL_SSLv2", "PROTOCOL_SSLv3", "PROTOCOL_TLSv1", "PROTOCOL_TLSv1_1"})
# What takes parameters; others take none, and ruff knows no rule for them.
SQL = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|REPLACE|WITH)\s", re.IGNORECASE)
REASON = re.compile(r"#\s*noqa:\s*[A-Z0-9, ]*S608[A-Z0-9, ]*\s+-\s+\S")
WALL_CLOCK = re.compile(r"#\s*wall clock:\s*\S")

# What is longer is about two things.
MOST_LINES = 300
# Others' code, and tables that are made.
NOT_WRITTEN = ("src/conclave/web/vendor/", "src/conclave/web/emoji/")

Finding = tuple[int, str]


class Rules(ast.NodeVisitor):
    """Collects what is forbidden in one module, *name*."""

    def __init__(self, name: str, source: str) -> None:
        self.name = name
        self.lines = source.split("\n")
        self.found: list[Finding] = []

    def add(self, node: ast.AST, text: str) -> None:
        self.found.append((getattr(node, "lineno", 0), text))

    def says(self, node: ast.expr | ast.stmt, form: re.Pattern[str]) -> bool:
        """Return whether one of the lines of *node*, or that above it, has such a comment."""
        return any(form.search(line) for line in self.lines[node.lineno - 2 : node.end_lineno])

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.imported(node, alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self.imported(node, node.module or "")
        if node.module == "time" and any(alias.name == "time" for alias in node.names):
            self.add(node, "import time itself, so that its uses can be found")

    def imported(self, node: ast.AST, module: str) -> None:
        top = module.partition(".")[0]
        if top in UNSAFE_MODULES:
            self.add(node, f"{top} runs what it reads: decode typed JSON with msgspec")
        if top == "random" and self.name not in MAY_BE_RANDOM:
            self.add(node, "random can be guessed: use secrets, or say in MAY_BE_RANDOM why not")

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.type is None:
            self.add(node, "a bare except catches cancellation too: name what may happen")
        self.generic_visit(node)

    def visit_Assert(self, node: ast.Assert) -> None:
        if self.name.startswith(DECIDES) and not narrows(node.test):
            self.add(node, "an assert decides nothing where rights are judged: raise")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        called = ast.unparse(node.func)
        if called in UNSAFE_CALLS:
            self.add(node, f"{called}() runs text as a program: there is another way")
        if any(one.arg == "shell" and not is_false(one.value) for one in node.keywords):
            self.add(node, "shell=True runs text as a program: give a list of words")
        if called == "time.time" and not self.says(node, WALL_CLOCK):
            self.add(node, "time.time() jumps: use the monotonic clock, or say «# wall clock: why»")
        if isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            self.sql(node, [node.func.value, *node.args])
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if node.attr in OLD_TLS:
            self.add(node, f"{node.attr} is broken: take ssl.create_default_context()")
        self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        if any(isinstance(part, ast.FormattedValue) for part in node.values):
            self.sql(node, node.values)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if isinstance(node.op, ast.Mod | ast.Add):
            self.sql(node, [node.left, node.right])
        # `a + b + c` is one text: its parts are looked at, not its beginnings.
        operand: ast.expr = node
        while isinstance(operand, ast.BinOp):
            self.visit(operand.right)
            operand = operand.left
        self.visit(operand)

    def sql(self, node: ast.expr, parts: list[ast.expr]) -> None:
        """Complain if *parts* make up SQL, some of them are values, and no reason is given."""
        first = parts[0]
        while isinstance(first, ast.BinOp):
            first = first.left
        if isinstance(first, ast.JoinedStr):
            first = first.values[0]
        begins = isinstance(first, ast.Constant) and SQL.match(str(first.value)) is not None
        if begins and not (all(map(is_constant, parts)) or self.says(node, REASON)):
            self.add(node, "SQL takes values as parameters; for names say «# noqa: S608 - why»")


def narrows(test: ast.expr) -> bool:
    """Return whether an assert only tells a type checker what is known."""
    match test:
        case ast.Compare(ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]):
            return True
        case ast.Compare(ops=[ast.IsNot()], comparators=[ast.Name(id="UNSET")]):
            return True
        case ast.Call(func=ast.Name(id="isinstance")):
            return True
        case ast.BoolOp(op=ast.And(), values=values):
            return all(narrows(value) for value in values)
    return False


def is_constant(part: ast.expr) -> bool:
    """Return whether a part of a text is written in the module itself, in CAPITALS."""
    match part:
        case ast.FormattedValue(value=ast.Name(id=name)) | ast.Name(id=name):
            return name.strip("_").isupper()
        case ast.JoinedStr(values=parts):
            return all(map(is_constant, parts))
        case ast.BinOp(left=left, right=right):
            return is_constant(left) and is_constant(right)
    return isinstance(part, ast.Constant)


def is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


def findings(name: str, source: str) -> list[Finding]:
    found = list(too_long(name, source))
    if name.endswith(".py"):
        rules = Rules(name, source)
        rules.visit(ast.parse(source))
        found += rules.found
    return sorted(found)


def too_long(name: str, source: str) -> Iterator[Finding]:
    lines = source.count("\n")
    if lines > MOST_LINES and not name.startswith(NOT_WRITTEN):
        says = f"{lines} lines, and {MOST_LINES} are enough for one idea: give the other a module"
        yield MOST_LINES + 1, says


def files(names: list[str]) -> Iterator[Path]:
    if names:
        yield from map(Path, names)
        return
    for ending in ("py", "js", "css"):
        yield from sorted((ROOT / "src").rglob(f"*.{ending}"))


def main(names: list[str]) -> int:
    bad = 0
    for path in files(names):
        path = path.resolve()
        name = str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
        for line, text in findings(name, path.read_text("utf-8")):
            print(f"{name}:{line}: {text}")
            bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
