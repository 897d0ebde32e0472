"""Lines and branches of the program that its tests and cases reach: the summary that gcovr writes."""

from dataclasses import dataclass
from functools import cached_property

from .groups import grouped
from .records import CodeCoverage, SourceFile


@dataclass(frozen=True)
class Layer:
    """A folder of sources."""

    name: str
    files: tuple[SourceFile, ...]

    def total(self, field: str) -> int:
        """The sum of a field."""
        return sum(getattr(file, field) for file in self.files)


@dataclass(frozen=True)
class Reached:
    """All layers."""

    coverage: CodeCoverage

    @cached_property
    def layers(self) -> list[Layer]:
        """By folder, in the order of the names; in each the files with most missing lines first."""
        files = sorted(self.coverage.files, key=lambda file: (
            file.line_covered - file.line_total, file.branch_covered - file.branch_total, file.filename))
        pairs = grouped(files, lambda file: file.filename.rpartition("/")[0] or ".")
        return sorted((Layer(name, tuple(found)) for name, found in pairs), key=lambda layer: layer.name)

    def total(self, field: str) -> int:
        """The sum of a field over all layers."""
        return sum(layer.total(field) for layer in self.layers)
