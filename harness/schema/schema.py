"""Checks a JSON document against a JSON schema: the keywords that SARIF's own schema uses.

usage: schema.py SCHEMA DOCUMENT

Prints a line for each thing that is wrong and exits 1, or says nothing. A keyword that is not known here is
refused: it would not be checked.
"""
import json
import re
import sys
from pathlib import Path
from typing import Any, Iterator

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
ANNOTATIONS = {"$schema", "$id", "id", "title", "description", "default", "definitions", "format"}
KEYWORDS = {"type", "enum", "required", "properties", "additionalProperties", "items", "minItems",
            "uniqueItems", "minimum", "maximum", "pattern", "anyOf", "oneOf", "allOf", "not", "$ref"}


class UnknownKeyword(Exception):
    """The schema says something that cannot be checked."""


def is_type(value: Any, name: str) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if name == "number":
        return number
    if name == "integer":
        return number and value == int(value)
    return isinstance(value, TYPES[name])


def resolve(root: dict[str, Any], ref: str) -> dict[str, Any]:
    found: Any = root
    for part in ref.removeprefix("#/").split("/"):
        found = found[part]
    assert isinstance(found, dict)
    return found


def scalar_errors(value: Any, schema: dict[str, Any], at: str) -> Iterator[str]:
    if "type" in schema:
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if not any(is_type(value, name) for name in types):
            yield f"{at}: is no {' or '.join(types)}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"
    if is_type(value, "number") and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{at}: {value} is out of range"
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"{at}: {value!r} does not match {schema['pattern']}"


def array_errors(root: dict[str, Any], value: Any, schema: dict[str, Any], at: str) -> Iterator[str]:
    if not isinstance(value, list):
        return
    if len(value) < schema.get("minItems", 0):
        yield f"{at}: has {len(value)} items"
    if schema.get("uniqueItems") and any(v in value[:i] for i, v in enumerate(value)):
        yield f"{at}: has an item twice"
    for i, item in enumerate(value):
        yield from errors(root, item, schema.get("items", {}), f"{at}[{i}]")


def object_errors(root: dict[str, Any], value: Any, schema: dict[str, Any], at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        return
    for name in schema.get("required", []):
        if name not in value:
            yield f"{at}: lacks {name}"
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    for name, member in value.items():
        if name in properties:
            yield from errors(root, member, properties[name], f"{at}.{name}")
        elif others is False:
            yield f"{at}: {name} is not known"
        elif isinstance(others, dict):
            yield from errors(root, member, others, f"{at}.{name}")


def combined_errors(root: dict[str, Any], value: Any, schema: dict[str, Any], at: str) -> Iterator[str]:
    def fits(choice: dict[str, Any]) -> bool:
        return not list(errors(root, value, choice, at))

    if "anyOf" in schema and not any(map(fits, schema["anyOf"])):
        yield f"{at}: fits none of the choices"
    if "oneOf" in schema and sum(map(fits, schema["oneOf"])) != 1:
        yield f"{at}: does not fit exactly one of the choices"
    if "not" in schema and fits(schema["not"]):
        yield f"{at}: fits what it must not"
    for part in schema.get("allOf", []):
        yield from errors(root, value, part, at)


def errors(root: dict[str, Any], value: Any, schema: dict[str, Any], at: str = "$") -> Iterator[str]:
    unknown = set(schema) - KEYWORDS - ANNOTATIONS
    if unknown:
        raise UnknownKeyword(f"{at}: {sorted(unknown)}")
    if "$ref" in schema:
        yield from errors(root, value, resolve(root, schema["$ref"]), at)
        return
    yield from scalar_errors(value, schema, at)
    yield from array_errors(root, value, schema, at)
    yield from object_errors(root, value, schema, at)
    yield from combined_errors(root, value, schema, at)


def main() -> int:
    schema, document = (json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:])
    found = list(errors(schema, document, schema))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
