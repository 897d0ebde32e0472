"""Writes the model's C source with all its mutants in it, each asleep until its number is chosen.

usage: schemata.py FOLDER FILE.c...

A mutant is one small fault: a statement is dropped, a condition negated, a bound moved by one, a constant or
a field exchanged, an operator taken for its neighbour. In the source that is written, below FOLDER, every
place where one can be asks MUTANT(number); so all of them are compiled once. FOLDER/table.c lists what they
are.

What is known when the program is compiled, such as tables of rules, cannot be changed while it runs, and is
left to sysvet mutate. Texts of derivations are left out too.
"""
import functools
import os
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator

from pycparser import c_ast, c_generator, c_parser  # type: ignore[import]

Node = Any

# What the parser must know of the C library; the compiler reads the real headers.
FAKE = {
    "stdbool.h": "typedef _Bool bool;",
    "stddef.h": "typedef unsigned long size_t;",
    "stdint.h": " ".join(f"typedef {sign} {sign[:1] * (sign != 'int')}int{bits}_t;"
                         for sign in ("int", "unsigned") for bits in (8, 16, 32, 64)),
    "inttypes.h": "\n".join(f'#define PRI{kind}64 "l{kind}"' for kind in "dxu"),
    "stdarg.h": "typedef int va_list;",
}
HEADERS = ("errno limits signal stdio stdlib string assert stdarg stdbool stddef stdint inttypes").split()

NEIGHBOUR = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "&&": "||", "||": "&&",
             "+": "-", "-": "+", "&": "|", "|": "&", "*": "/", "<<": ">>", ">>": "<<",
             "+=": "-=", "-=": "+=", "|=": "&=", "&=": "|=",
             "++": "--", "--": "++", "p++": "p--", "p--": "p++"}
OPPOSITE = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
KINDS = {"<": "bound", "<=": "bound", ">": "bound", ">=": "bound", "==": "condition", "!=": "condition",
         "&&": "logic", "||": "logic"}
TWINS = [("uid", "gid"), ("cuid", "cgid"), ("euid", "egid"), ("fsuid", "fsgid"), ("ruid", "rgid"),
         ("suid", "sgid"), ("stime", "rtime"), ("atime", "dtime"), ("lspid", "lrpid"), ("cpid", "lpid"),
         ("cbytes", "qbytes"), ("first", "last"), ("n", "cap"), ("addr", "size"), ("pid", "tid"),
         ("otime", "ctime"), ("shmid", "attach"), ("nsems", "nundos"), ("now", "arrivals")]
FIELD = {a: b for pair in TWINS for a, b in (pair, pair[::-1])}
# Macros that the compiler's flags change, so that they are left to it.
VARYING = ("HOLE",)
# Of these nothing but the text of a derivation comes, or a constant that a macro needs as it is.
TALK = ("UINT64_C", "note_line", "text_add", "text_puts", "broken", "snprintf", "va_end")
# More room than is needed makes no difference, so that no constant is one more in what is given to these.
ROOM = ("malloc", "calloc", "grow", "reserve_object", "reserve_areas")


def squeeze(text: str) -> str:
    return re.sub(r"[\s()]", "", text)


@dataclass(frozen=True)
class Mutant:
    file: str
    line: int
    column: int
    kind: str
    function: str
    before: str
    after: str


def expand(fake: Path, *arguments: str, given: str = "") -> str:
    """With fake headers, but everything of ours in its place."""
    command = [*os.environ.get("CC", "cc").split(), "-E", "-nostdinc", "-std=c11", f"-I{fake}", "-Imodel",
               "-Imodel/vocab", "-D__attribute__(x)=", "-D_Static_assert(...)=struct sysvet_nothing", "-xc",
               *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, input=given, text=True).stdout


@functools.cache
def varying(path: str, fake: Path) -> dict[str, tuple[str, str]]:
    """What VARYING mean in a file, without and with AddressSanitizer, where that differs."""
    given = f'#include "{path}"\n' + "".join(f"sysvet_{name}: {name}\n" for name in VARYING)
    plain, sanitized = (dict(re.findall(r"^sysvet_(\w+): (.*)$", expand(fake, *more, "-", given=given), re.M))
                        for more in ((), ("-D__SANITIZE_ADDRESS__",)))
    return {name: (plain[name], sanitized[name]) for name in VARYING if plain[name] != sanitized[name]}


def preprocess(path: str, fake: Path) -> str:
    text = expand(fake, path)
    for name, (plain, _) in varying(path, fake).items():
        text = text.replace(plain, name)
    # The parser does not keep .name and [name] apart in initializers, but an expression is no name.
    return re.sub(r"(?<![\w\])])((?:\.\w+)?)\[(\w+)\](?=\s*=[^=])", r"\1[+\2]", text)


class Writer(c_generator.CGenerator):  # type: ignore[misc]
    """Source again, with a question at each place that can be wrong."""

    def __init__(self, path: str, refused: set[Mutant]) -> None:
        super().__init__()
        self.path = path
        self.refused = refused
        self.mutants: list[Mutant] = []
        self.seen: Counter[tuple[int, str, str]] = Counter()    # of one text in one line, from the left
        self.function = ""
        self.constant = 0       # inside of what must be known when it is compiled
        self.room = 0           # inside of a demand for memory
        self.lines = Path(path).read_text(encoding="utf-8").split("\n")
        self.plain = c_generator.CGenerator()

    # ---- mutants

    def is_ours(self, node: Node) -> bool:
        return bool(self.function and not self.constant and node.coord and node.coord.file == self.path)

    def is_written(self, node: Node, before: str) -> bool:
        """Is it in the source as it stands? What a macro brings is not, and is in many places."""
        lines = "".join(self.lines[node.coord.line - 1:node.coord.line + 5])
        return squeeze(before) in squeeze(lines)

    def column(self, node: Node, kind: str, before: str) -> int:
        """The preprocessor moves columns. Its own is taken when the text is not found in the line."""
        line = self.lines[node.coord.line - 1]
        places = [m.start() + 1 for m in re.finditer(rf"(?<!\w){re.escape(before)}(?!\w)", line)]
        seen = self.seen[node.coord.line, kind, before]
        self.seen[node.coord.line, kind, before] += 1
        return int(places[min(seen, len(places) - 1)] if places else node.coord.column)

    def add(self, node: Node, kind: str, before: str, after: str) -> int:
        """Its number; 0 when it is in a macro, or the compiler does not take it."""
        if not self.is_written(node, before):
            return 0
        mutant = Mutant(self.path, node.coord.line, self.column(node, kind, before), kind, self.function,
                        before, after)
        if mutant in self.refused:
            return 0
        self.mutants.append(mutant)
        return len(self.mutants)

    def either(self, node: Node, kind: str, before: str, after: str, written: str) -> str:
        number = self.add(node, kind, before, after)
        return f"(MUTANT({number}) ? ({after}) : ({written}))" if number else written

    # ---- expressions

    def visit_BinaryOp(self, n: Node) -> str:
        if n.op == "<<" and isinstance(n.left, c_ast.FuncCall):
            return str(self.plain.visit(n))     # BIT()
        written = super().visit_BinaryOp(n)
        other = NEIGHBOUR.get(n.op)
        if not self.is_ours(n) or not other:
            return str(written)
        before = self.plain.visit(n)
        after = self.plain.visit(c_ast.BinaryOp(other, n.left, n.right))
        return self.either(n, KINDS.get(n.op, "operator"), before, after, written)

    def visit_UnaryOp(self, n: Node) -> str:
        before = str(self.plain.visit(n))
        if n.op in ("sizeof", "&"):
            return before           # an address is taken of something, not of the result of a question
        if n.op in ("++", "--", "p++", "p--"):
            after = self.plain.visit(c_ast.UnaryOp(NEIGHBOUR[n.op], n.expr))
            return self.either(n, "operator", before, after, before) if self.is_ours(n) else before
        written = str(super().visit_UnaryOp(n))
        if n.op != "!" or not self.is_ours(n):
            return written
        return self.either(n, "condition", before, f"!!({self.plain.visit(n.expr)})", written)

    def visit_Constant(self, n: Node) -> str:
        written = str(super().visit_Constant(n))
        if n.type == "string" or n.type == "char" or self.room or not self.is_ours(n):
            return written
        return self.either(n, "constant", written, f"{written} + 1", written)

    def visit_ID(self, n: Node) -> str:
        if n.name not in ("true", "false") or not self.is_ours(n):
            return str(n.name)
        return self.either(n, "constant", n.name, "false" if n.name == "true" else "true", n.name)

    def visit_StructRef(self, n: Node) -> str:
        self_field = n.field.name
        written = f"{self._parenthesize_unless_simple(n.name)}{n.type}{self_field}"
        if not self.is_ours(n) or self_field not in FIELD:
            return written
        before = self.plain.visit(n)
        after = f"{self.plain._parenthesize_unless_simple(n.name)}{n.type}{FIELD[self_field]}"
        number = self.add(n, "field", before, after)
        return f"(*(MUTANT({number}) ? &({after}) : &({written})))" if number else written

    def is_extreme(self, n: Node) -> bool:
        """a < b ? a : b, where it makes no difference which of two is taken that are equal"""
        if not isinstance(n.cond, c_ast.BinaryOp) or n.cond.op not in OPPOSITE:
            return False
        compared, taken = ({self.plain.visit(side.expr if isinstance(side, c_ast.Cast) else side)
                            for side in sides}
                           for sides in ((n.cond.left, n.cond.right), (n.iftrue, n.iffalse)))
        return bool(compared == taken)

    def visit_TernaryOp(self, n: Node) -> str:
        if self.is_extreme(n) and self.is_ours(n.cond):
            after = c_ast.BinaryOp(OPPOSITE[n.cond.op], n.cond.left, n.cond.right)
            cond = self.either(n.cond, "bound", self.plain.visit(n.cond), self.plain.visit(after),
                               super().visit_BinaryOp(n.cond))
        else:
            cond = self.condition(n.cond)
        return f"({cond}) ? ({self.visit(n.iftrue)}) : ({self.visit(n.iffalse)})"

    def visit_FuncCall(self, n: Node) -> str:
        if isinstance(n.name, c_ast.ID) and n.name.name in TALK:
            return str(self.plain.visit(n))
        asks = isinstance(n.name, c_ast.ID) and n.name.name in ROOM
        self.room += asks
        written = str(super().visit_FuncCall(n))
        self.room -= asks
        return written

    def condition(self, n: Node) -> str:
        """Where an operator decides, it is what is mistaken; else the condition is negated."""
        written = str(self.visit(n))
        if not self.is_ours(n) or isinstance(n, c_ast.BinaryOp) and n.op in KINDS \
                or isinstance(n, c_ast.UnaryOp) and n.op == "!":
            return written
        before = self.plain.visit(n)
        return self.either(n, "condition", before, f"!({before})", written)

    def visit_Assignment(self, n: Node) -> str:
        written = str(super().visit_Assignment(n))
        if not self.is_ours(n) or n.op not in NEIGHBOUR:
            return written
        before = self.plain.visit(n)
        after = self.plain.visit(c_ast.Assignment(NEIGHBOUR[n.op], n.lvalue, n.rvalue))
        return self.either(n, "operator", before, after, written)

    # ---- statements

    def talks(self, n: Node) -> bool:
        if isinstance(n, c_ast.FuncCall) and isinstance(n.name, c_ast.ID) and n.name.name in TALK:
            return True
        body = getattr(n, "iftrue", None)
        if isinstance(n, c_ast.DoWhile):
            body = n.stmt
        while isinstance(body, c_ast.Compound) and body.block_items and len(body.block_items) == 1:
            body = body.block_items[0]
        return bool(body) and not getattr(n, "iffalse", None) and self.talks(body)

    def _generate_stmt(self, n: Node, add_indent: bool = False) -> str:
        if self.function and self.talks(n):
            self.constant += 1
            written = str(super()._generate_stmt(n, add_indent))
            self.constant -= 1
            return written
        written = str(super()._generate_stmt(n, add_indent))
        dropped = (c_ast.Assignment, c_ast.FuncCall, c_ast.UnaryOp, c_ast.Break, c_ast.Continue)
        if not isinstance(n, dropped) or not self.is_ours(n):
            return written
        return self.droppable(n, written)

    def droppable(self, n: Node, written: str) -> str:
        before = self.plain.visit(n) if not isinstance(n, (c_ast.Break, c_ast.Continue)) \
            else type(n).__name__.lower()
        number = self.add(n, "statement", before, "")
        return f"{self._make_indent()}if (!MUTANT({number}))\n{{ {written} }}\n" if number else written

    def visit_Compound(self, n: Node) -> str:
        inner = "".join(self.return_or_other(stmt, last=stmt is n.block_items[-1] and self.indent_level == 0)
                        for stmt in n.block_items or [])
        return f"{self._make_indent()}{{\n{inner}{self._make_indent()}}}\n"

    def return_or_other(self, n: Node, last: bool) -> str:
        self.indent_level += 2
        written = self._generate_stmt(n)
        if isinstance(n, c_ast.Return) and not last and self.is_ours(n):
            written = self.droppable_return(n, written)
        self.indent_level -= 2
        return written

    def droppable_return(self, n: Node, written: str) -> str:
        number = self.add(n, "statement", self.plain.visit(n), "")
        return f"if (!MUTANT({number}))\n{{ {written} }}\n" if number else written

    def visit_If(self, n: Node) -> str:
        written = f"if ({self.condition(n.cond)})\n{self.block(n.iftrue)}"
        return written + (f"else\n{self.block(n.iffalse)}" if n.iffalse else "")

    def visit_While(self, n: Node) -> str:
        return f"while ({self.condition(n.cond)})\n{self.block(n.stmt)}"

    def visit_For(self, n: Node) -> str:
        parts = [self.visit(n.init) if n.init else "", self.condition(n.cond) if n.cond else "",
                 self.visit(n.next) if n.next else ""]
        return f"for ({'; '.join(parts)})\n{self.block(n.stmt)}"

    def block(self, n: Node) -> str:
        """A statement may become two words, so that each is put in braces."""
        written = self.visit(n) if isinstance(n, c_ast.Compound) else self.return_or_other(n, last=False)
        return f"{{\n{written}}}\n"

    def visit_Return(self, n: Node) -> str:
        return f"return {self.visit(n.expr)};" if n.expr else "return;"

    # ---- what is known when it is compiled

    def fixed(self, visit: Any, n: Node) -> str:
        self.constant += 1
        written = str(visit(n))
        self.constant -= 1
        return written

    def visit_Case(self, n: Node) -> str:
        label = f"case {self.plain.visit(n.expr)}:\n"
        return label + "".join(self.return_or_other(stmt, last=False) for stmt in n.stmts or [])

    def visit_ArrayDecl(self, n: Node) -> str:
        return self.fixed(super().visit_ArrayDecl, n)

    def visit_Enum(self, n: Node) -> str:
        return self.fixed(super().visit_Enum, n)

    def visit_Struct(self, n: Node) -> str:
        return self.fixed(super().visit_Struct, n)

    def visit_Decl(self, n: Node, no_type: bool = False) -> str:
        if "static" in (n.storage or []) or not self.function:
            return self.fixed(lambda m: super(Writer, self).visit_Decl(m, no_type), n)
        return str(super().visit_Decl(n, no_type))

    def _generate_type(self, *args: Any, **kwargs: Any) -> str:
        self.constant += 1
        written = str(super()._generate_type(*args, **kwargs))
        self.constant -= 1
        return written

    def visit_FuncDef(self, n: Node) -> str:
        ours = n.coord.file == self.path
        head = self.fixed(self.visit, n.decl)
        self.indent_level = 0
        self.function = n.decl.name if ours else ""
        body = self.visit(n.body) if ours else self.plain.visit(n.body)
        self.function = ""
        return f"{head}\n{body}\n"


def ours(ast: Node, fake: Path) -> Iterator[Node]:
    """Declarations of the C library come from the real headers."""
    for node in ast.ext:
        if not node.coord or not str(node.coord.file).startswith(str(fake)):
            if not (isinstance(node, c_ast.Decl) and "sysvet_nothing" in str(getattr(node.type, "name", ""))):
                yield node


def write(ast: Node, writer: Writer, fake: Path) -> str:
    text = "".join(f"#include <{name}.h>\n" for name in HEADERS) + '#include "mutant_number.h"\n'
    for name, (plain, sanitized) in varying(writer.path, fake).items():
        text += (f"#ifdef __SANITIZE_ADDRESS__\n#define {name} {sanitized}\n"
                 f"#else\n#define {name} {plain}\n#endif\n")
    for node in ours(ast, fake):
        text += writer.visit(node) + ("\n" if isinstance(node, c_ast.FuncDef) else ";\n")
    return text


def complaints(to: Path) -> set[int]:
    """Numbers of the mutants that do not compile: each stands before the place that is complained about."""
    command = [*os.environ.get("CC", "cc").split(), "-std=c11", "-w", "-fsyntax-only", "-fmax-errors=0",
               "-Iharness/mutants", str(to)]
    said = subprocess.run(command, check=False, stderr=subprocess.PIPE, text=True).stderr
    lines = to.read_text(encoding="utf-8").split("\n")
    numbers = set()
    for line, column in re.findall(r"^[^\n:]*:(\d+):(\d+): error:", said, re.M):
        before = re.findall(r"MUTANT\((\d+)\)", lines[int(line) - 1][:int(column)])
        if not before:
            sys.exit(said)
        numbers.add(int(before[-1]))
    return numbers


def rewrite(path: str, folder: Path) -> tuple[str, list[Mutant]]:
    fake, to, refused = folder / "fake", folder / path, set[Mutant]()
    ast = c_parser.CParser().parse(preprocess(path, fake), path)
    to.parent.mkdir(parents=True, exist_ok=True)
    while True:
        writer = Writer(path, refused)
        text = write(ast, writer, fake)
        to.write_text(text, encoding="utf-8")
        wrong = complaints(to)
        if not wrong:
            return text, writer.mutants
        refused |= {writer.mutants[number - 1] for number in wrong}


def quoted(text: str) -> str:
    text = re.sub(r"\s+", " ", text)
    text = text if len(text) <= 120 else text[:117] + "..."
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def table(mutants: list[Mutant]) -> str:
    rows = "".join(f"\t{{ {quoted(m.file)}, {m.line}, {m.column}, {quoted(m.kind)}, {quoted(m.function)}, "
                   f"{quoted(m.before)}, {quoted(m.after)} }},\n" for m in mutants)
    return ('#include "source.h"\n\nconst struct source_mutant source_mutants[] = {\n'
            f"{rows}\t{{ 0 }}\n}};\n"
            f"const int source_nmutants = {len(mutants)};\n")


def main() -> int:
    folder, files = Path(sys.argv[1]), sys.argv[2:]
    fake = folder / "fake"
    fake.mkdir(parents=True, exist_ok=True)
    for name in HEADERS:
        (fake / f"{name}.h").write_text(FAKE.get(f"{name}.h", "") + "\n", encoding="utf-8")
    (fake / "stdlib.h").write_text('#include "stddef.h"\n', encoding="utf-8")
    every: list[Mutant] = []
    with ProcessPoolExecutor() as pool:
        for path, (text, mutants) in zip(files, pool.map(rewrite, files, [folder] * len(files))):
            base = len(every)
            text = re.sub(r"\bMUTANT\((\d+)\)", lambda m: f"MUTANT({int(m[1]) + base})", text)
            (folder / path).write_text(text, encoding="utf-8")
            every += mutants
    (folder / "table.c").write_text(table(every), encoding="utf-8")
    print(f"{len(every)} mutants in {len(files)} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
