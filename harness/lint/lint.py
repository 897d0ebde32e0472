"""The house rules that a compiler does not know: make lint.

A rule is a row of RULES: what it demands, how it is checked, and a tiny tree that breaks it. Every run first
shows each rule its own breaking tree, which it must refuse, and then the project.
"""
import os
import re
import shlex
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Callable, Iterator

LAYERS = {"vocab": "model/vocab", "model": "model", "real": "real", "harness": "harness"}
SEES = {"vocab": "vocab", "model": "vocab model", "real": "vocab real", "harness": "vocab model real harness"}
WIDTH = 110
FUNCTION = 60
C = r"\.[ch]$"
TEXT = r"\.(c|h|def|py|sh|bats|case|md)$|GNUmakefile$|\.ci/run$"
C11 = """assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign
stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar
wctype""".split()
# Where a word of the test protocol looks like something that was left for later.
TAP = r"^reports/(README\.md|sysvet_report/formats/status\.py|tests/test_(formats|compare|gather)\.py)$"
# What the model may take from the C library: memory, strings and formatting into memory.
PURE = """abort bsearch calloc free malloc memchr memcmp memcpy memmove memset qsort realloc snprintf strchr
strcmp strcspn strlen strncmp strnlen strrchr strspn strstr vsnprintf __assert_fail __stack_chk_fail
_GLOBAL_OFFSET_TABLE_""".split()
# cppcheck 2.10 loses sight of memory kept through a compound literal (ASan finds real leaks), and of the
# four ids of struct cred being walked as one row.
CPPCHECK_ERRS = ("memleak", "objectIndex")


class Skip(Exception):
    """A tool is not there, so the rule cannot be tried."""


class Broken(Exception):
    """The rule could not be tried though it should."""


@dataclass
class Tree:
    """Files to judge, and the compiler's flags for each layer."""
    root: Path
    paths: list[str]
    flags: dict[str, list[str]]

    def files(self, pattern: str) -> list[str]:
        return [p for p in self.paths if re.search(pattern, p)]

    def lines(self, pattern: str) -> Iterator[tuple[str, int, str]]:
        for path in self.files(pattern):
            text = (self.root / path).read_text(encoding="utf-8", errors="replace")
            for number, line in enumerate(text.split("\n"), 1):
                yield path, number, line

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=self.root, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)

    def complaints(self, *command: str) -> list[str]:
        """What a tool says when it refuses."""
        done = self.run(*command)
        if done.returncode == 0:
            return []
        return done.stdout.splitlines() or [f"{command[0]}: exit status {done.returncode}"]

    def sources(self, layer: str) -> list[str]:
        return self.files(rf"^{LAYERS[layer]}/[^/]*\.c$")


@dataclass
class Rule:
    name: str
    demands: str
    check: Callable[[Tree], list[str]]
    broken: dict[str, str]                              # a tree that breaks it: path and text
    flags: dict[str, str] = field(default_factory=dict)  # with these flags instead of the project's


def compiler() -> list[str]:
    return shlex.split(os.environ.get("CC", "cc"))


def need(*programs: str) -> None:
    for program in programs:
        if not any(os.access(Path(d) / program, os.X_OK) for d in os.get_exec_path()):
            raise Skip(f"no {program} here")


# ---- rules about text ---------------------------------------------------------------------------

def refuse(files: str, pattern: str, apart: str = "$^") -> Callable[[Tree], list[str]]:
    """Lines of files that have the pattern in them, but not in the files that are apart."""
    def check(tree: Tree) -> list[str]:
        return [f"{path}:{number}: {line.strip()}" for path, number, line in tree.lines(files)
                if re.search(pattern, line) and not re.search(apart, path)]
    return check


def width(tree: Tree) -> list[str]:
    return [f"{path}:{number}: {len(line.expandtabs(8))} columns" for path, number, line in tree.lines(TEXT)
            if len(line.expandtabs(8)) > WIDTH]


def last_line(tree: Tree) -> list[str]:
    """Split at newlines, a good file ends with one empty piece."""
    bad = []
    for path in tree.files(TEXT):
        end = (tree.root / path).read_bytes()[-2:]
        if end[-1:] != b"\n" or end == b"\n\n":
            bad.append(f"{path}: must end with one newline")
    return bad


def function_length(tree: Tree) -> list[str]:
    bad = []
    start = 0
    for path, number, line in tree.lines(r"\.c$"):
        if line == "{":
            start = number
        elif line == "}" and start:
            if number - start - 1 > FUNCTION:
                bad.append(f"{path}:{start}: {number - start - 1} lines in a function")
            start = 0
        elif number == 1:
            start = 0
    return bad


def foreign_headers(tree: Tree) -> list[str]:
    bad = []
    for path, number, line in tree.lines(r"^model/.*\.[ch]$"):
        found = re.match(r"\s*#\s*include\s*<(.*)>", line)
        if found and found[1].removesuffix(".h") not in C11 and not path.endswith(("test.c", "test.h")):
            bad.append(f"{path}:{number}: <{found[1]}> is not a header of C11")
    return bad


def case_heads(tree: Tree) -> list[str]:
    bad = []
    for path in tree.files(r"^cases/(?!bad/).*\.case$"):
        text = (tree.root / path).read_text(encoding="utf-8")
        bad += [f"{path}: must have {word} once" for word in ("claim", "cites")
                if len(re.findall(rf"^{word}[ \t]+\S", text, re.M)) != 1]
        if not re.fullmatch(r"[a-z0-9-]+\.case", Path(path).name):
            bad.append(f"{path}: a name is small letters, digits and hyphens")
    return bad


def map_differs(tree: Tree) -> list[str]:
    """The map of the README names each unit, or has a pattern for it, and names nothing else."""
    text = (tree.root / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.*?) \|", text.partition("## Map")[2].partition("\n## ")[0], re.M)
    names = [name for row in rows for name in re.findall(r"`([\w*./-]+\.\w+)`", row)]
    parts = tree.files(r"^(model|real|harness)/.*(?<!_test)\.(c|def|py|sh)$")
    return [f"{path}: not in the map of README.md" for path in parts
            if not any(PurePath(path).match(name) for name in names)] + \
           [f"README.md: {name} is in the map, and not there" for name in names
            if not any(PurePath(path).match(name) for path in tree.paths)]


# ---- rules about objects ------------------------------------------------------------------------

@dataclass
class Symbol:
    source: str
    name: str
    section: str


def symbols(tree: Tree) -> list[Symbol]:
    """What the objects of the model define and ask for."""
    need("nm")
    found = []
    for layer in ("vocab", "model"):
        sources = [s for s in tree.sources(layer) if not s.endswith("_test.c")]
        if not sources:
            continue
        with tempfile.TemporaryDirectory() as folder:
            flags = [re.sub("^-I", f"-I{tree.root}/", flag) for flag in tree.flags[layer]]
            done = subprocess.run([*compiler(), *flags, "-w", "-c", *(tree.root / s for s in sources)],
                                  cwd=folder, stderr=subprocess.DEVNULL, check=False)
            if done.returncode:
                raise Broken(f"{LAYERS[layer]} does not compile")
            for source in sources:
                listed = tree.run("nm", "--format=sysv", f"{folder}/{Path(source).stem}.o").stdout
                rows = [[cell.strip() for cell in line.split("|")] for line in listed.splitlines()]
                found += [Symbol(source, row[0], row[6]) for row in rows if len(row) == 7]
    return found


def no_state(tree: Tree) -> list[str]:
    """Constant tables with pointers lie in .data.rel.ro, which is fine."""
    return [f"{s.source}: {s.name} is in {s.section}" for s in symbols(tree)
            if re.match(r"\*COM\*|\.t?bss|\.t?data(?!\.rel\.ro)", s.section)]


def no_calls(tree: Tree) -> list[str]:
    found = symbols(tree)
    known = {s.name for s in found if s.section != "*UND*"} | set(PURE)
    return [f"{s.source}: calls {s.name}" for s in found if s.name not in known]


# ---- rules that a tool checks -------------------------------------------------------------------

def include_flow(tree: Tree) -> list[str]:
    """From every layer, include a header of every layer: it is found just when the layer may see it."""
    bad = []
    names = [Path(path).name for path in tree.files(r"\.h$")]
    for layer, folder in LAYERS.items():
        for other, where in LAYERS.items():
            headers = [path for path in tree.files(rf"^{where}/[^/]*\.h$")
                       if names.count(Path(path).name) == 1]
            allowed = other in SEES[layer].split()
            if headers and sees(tree, layer, Path(headers[0]).name) != allowed:
                bad.append(f"{folder} {'cannot' if allowed else 'can'} include {headers[0]}")
    return bad


def sees(tree: Tree, layer: str, header: str) -> bool:
    """As if a file of the layer had #include "header"; -iquote stands for the file's own folder."""
    return tree.run(*compiler(), *tree.flags[layer], "-E", "-x", "c", "-iquote", LAYERS[layer],
                    "-include", header, "/dev/null").returncode == 0


def compiles(program: str) -> Callable[[Tree], list[str]]:
    def check(tree: Tree) -> list[str]:
        need(program)
        bad = []
        for layer in LAYERS:
            if tree.sources(layer):
                bad += tree.complaints(program, *shlex.split(os.environ.get("WARN", "-Wall")), "-Werror",
                                       *tree.flags[layer], "-fsyntax-only", *tree.sources(layer))
        return bad
    return check


def cppcheck(tree: Tree) -> list[str]:
    """One process for all files takes three times as long; several keep what is between files in a folder."""
    need("cppcheck")
    with tempfile.TemporaryDirectory() as folder:
        return tree.complaints("cppcheck", "--quiet", "--error-exitcode=1", "--inline-suppr", "--std=c11",
                               f"-j{max(2, os.cpu_count() or 1)}", f"--cppcheck-build-dir={folder}",
                               "--enable=performance,portability", "--suppress=missingIncludeSystem",
                               "--suppress=toomanyconfigs",
                               *(f"--suppress={what}" for what in CPPCHECK_ERRS),
                               "-Imodel/vocab", "-Imodel", "-Ireal", *tree.files(r"\.c$"))


def shellcheck(tree: Tree) -> list[str]:
    need("shellcheck")
    scripts = tree.files(r"\.(sh|bats)$|^\.ci/run$")
    return tree.complaints("shellcheck", *scripts) if scripts else []


def python_tool(*command: str) -> Callable[[Tree], list[str]]:
    def check(tree: Tree) -> list[str]:
        scripts = [p for p in tree.paths if p.endswith(".py") or is_python(tree.root / p)]
        return tree.complaints(sys.executable, "-m", *command, *scripts) if scripts else []
    return check


def is_python(path: Path) -> bool:
    if path.suffix or not path.is_file():
        return False
    with path.open("rb") as f:
        return bool(re.match(rb"#!.*python", f.readline()))


def sysvet(*words: str) -> Callable[[Tree], list[str]]:
    def check(tree: Tree) -> list[str]:
        program = os.environ.get("SYSVET", "")
        if not os.access(program, os.X_OK):
            raise Skip("sysvet is not built")
        return tree.complaints(program, *words)
    return check


# Words that this file must not contain itself are written in two pieces.
RULES = [
    Rule("sleep", "nothing waits for time: wait for a condition",
         refuse(r"\.[ch]$|\.py$", r"\b(u|nano|clock_nano)?sl" r"eep\s*\(|\bp?poll\s*\(\s*(NULL|0)\s*,"
                r"|\bselect\s*\(\s*0\s*,"),
         {"real/x.c": "void f(void) { usl" "eep(10); }\n"}),
    Rule("shell-sleep", "nor does a script, unless in the background to be looked at",
         refuse(r"\.(sh|bats)$|^\.ci/run$", r"^[^#]*\bsl" r"eep\s+[\"'$0-9.][^&]*$"),
         {"harness/x.bats": "sl" "eep 1\n"}),
    Rule("unbounded", "numbers are parsed to their end, buffers have a size",
         refuse(C, r"\b(ato[ifl]l?|strcpy|strcat|v?sprintf|gets|strtok)\s*\("),
         {"harness/x.c": "int f(char *s) { return atoi(s); }\n"}),
    Rule("errno", "the model returns outcomes and never sets errno",
         refuse(r"^model/.*\.[ch]$", r"\berrno\s*=(?!=)"),
         {"model/x.c": "int f(void) { errno = 3; return -1; }\n"}),
    Rule("headers", "the model includes only headers of C11 and its own",
         foreign_headers,
         {"model/x.c": "#include <sys/ipc.h>\n"}),
    Rule("include-path", "an include names a header, not a way to it",
         refuse(C, r'#\s*include\s*"[^"]*/'),
         {"model/x.c": '#include "../real/real.h"\n'}),
    Rule("width", f"no line is wider than {WIDTH} columns",
         width,
         {"model/x.c": "\t/*" + "x" * 99 + "*/\n"}),
    Rule("trailing", "no line ends with a blank",
         refuse(TEXT, r"[ \t\r]$"),
         {"cases/x.case": "claim  x \n"}),
    Rule("last-line", "a file ends with one newline",
         last_line,
         {"README.md": "x"}),
    Rule("tabs", "C and shell are indented with tabs",
         refuse(r"\.(c|h|def|sh)$", r"^\t* {8}"),
         {"real/x.c": "int f(void)\n{\n        return 1;\n}\n"}),
    Rule("no-tabs", "Python and cases have no tabs",
         refuse(r"\.(py|case)$", r"\t"),
         {"cases/x.case": "A\tmsgget(1)\n"}),
    Rule("unfinished", "nothing is left for later",
         refuse(TEXT, r"\b(TO" r"DO|FIX" r"ME|X" r"XX|not imple" r"mented|place" r"holder|st" r"ub)\b",
                apart=TAP),
         {"model/x.c": "/* TO" "DO */\n"}),
    Rule("workplace", "no path of somebody's disk",
         refuse(".", r"(?<![\w.$}])/(wo" r"rk|fa" r"rm|ho" r"me/\w+|tmp/ba" r"sh_jobs)/"),
         {"README.md": "see /wo" "rk/main\n"}),
    Rule("function-length", f"no function is longer than {FUNCTION} lines",
         function_length,
         {"model/x.c": "int f(void)\n{\n" + "\tf();\n" * 61 + "}\n"}),
    Rule("case-heads", "a case has one claim and says what it cites",
         case_heads,
         {"cases/perm/x.case": "claim  x\nA  msgget(1)\n"}),
    Rule("map", "every part has its line in the map of the README",
         map_differs,
         {"README.md": "## Map\n| `y.c` | y |\n", "model/x.c": "\n", "model/y.c": "\n"}),
    Rule("no-state", "the model has no variable that outlives a call",
         no_state,
         {"model/x.c": "int counter;\nint f(void) { return counter++; }\n"}),
    Rule("no-calls", "the model calls nothing but memory and string functions",
         no_calls,
         {"model/x.c": "int f(void);\nint getpid(void);\nint f(void) { return getpid(); }\n"}),
    Rule("include-flow", "an include against the flow of knowledge does not compile",
         include_flow,
         {"model/model.h": "\n", "real/real.h": "\n", "model/vocab/vocab.h": "\n", "harness/x.c": "\n"},
         {"model": "-Imodel/vocab -Ireal"}),
    Rule("gcc", "gcc has nothing to say",
         compiles("gcc"),
         {"model/x.c": "int f(void) { return 0; }\n"}),
    Rule("clang", "clang has nothing to say",
         compiles("clang"),
         {"model/x.c": "int f(void) { return 0; }\n"}),
    Rule("cppcheck", "cppcheck has nothing to say",
         cppcheck,
         {"model/x.c": "int f(void) { int a[2]; a[2] = 0; return a[0]; }\n"}),
    Rule("shellcheck", "shellcheck has nothing to say",
         shellcheck,
         {"harness/x.sh": "#!/bin/sh\ncd $1\nrm $2\n"}),
    Rule("flake8", "flake8 has nothing to say",
         python_tool("flake8", f"--max-line-length={WIDTH}"),
         {"reports/x.py": "import os\n"}),
    Rule("mypy", "mypy has nothing to say",
         python_tool("mypy", "--strict", "--no-error-summary", "--scripts-are-modules",
                     "--cache-dir=/dev/null"),
         {"reports/x.py": "x: int = 'one'\n"}),
    Rule("list", "every case can be read",
         sysvet("run", "--list"),
         {"cases/perm/x.case": "claim  x\ncites  NONE\nA  msgfoo(1)\n"}),
    Rule("witnesses", "every clause has a case or a reason, every rule a case on either side",
         sysvet("requirements", "--holes"),
         {"cases/requirements.tsv": "id\tinterface\tstrength\tsource\tparaphrase\tunwitnessed\n"
                                    "X-1\tall\tLinux\tx\tx\t\n"}),
    Rule("parts", "every part of an argument is tried by a case, or has a reason",
         sysvet("partitions", "--holes"),
         {"cases/untried.tsv": "operation\targument\tpart\treason\ntick\tseconds\tzero\tIt is tried.\n"}),
]


def layer_flags() -> dict[str, list[str]]:
    return {layer: shlex.split(os.environ.get(f"FLAGS_{layer}", "")) for layer in LAYERS}


def project() -> Tree:
    """Also in a clone that belongs to somebody else, as in containers."""
    done = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-co", "--exclude-standard"],
                          text=True, check=True, stdout=subprocess.PIPE)
    paths = sorted(p for p in set(done.stdout.splitlines()) if Path(p).is_file())
    return Tree(Path.cwd(), paths, layer_flags())


def refuses_broken(rule: Rule) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for where in LAYERS.values():
            (root / where).mkdir(parents=True, exist_ok=True)
        for path, text in rule.broken.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        flags = layer_flags() | {k: shlex.split(v) for k, v in rule.flags.items()}
        return bool(rule.check(Tree(root, list(rule.broken), flags)))


def judge(rule: Rule, tree: Tree) -> tuple[str, list[str]]:
    try:
        if not refuses_broken(rule):
            return "failed", ["the rule does not refuse what breaks it"]
        problems = rule.check(tree)
    except Skip as why:
        return "skipped", [str(why)]
    except Broken as why:
        return "failed", [str(why)]
    return ("failed" if problems else "passed"), problems


def main() -> int:
    tree = project()
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for rule, (result, problems) in zip(RULES, pool.map(lambda r: judge(r, tree), RULES)):
            totals[result] += 1
            print(f"{result:8}{rule.name:16}{rule.demands}")
            for problem in problems:
                print(f"        {problem}")
    print(", ".join(f"{n} {what}" for what, n in totals.items()))
    return 1 if totals["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
