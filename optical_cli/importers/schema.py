"""A JSON value with the path that led to it, so that an odd file is told by its first odd field."""

import json
from collections.abc import Iterator
from typing import Any

from optical_cli.errors import InputError
from optical_cli.importers.source import Member

KINDS = {dict: "an object", list: "a list", str: "text", bool: "true or false",
         int: "a number", float: "a number", type(None): "null"}  # fmt: skip


class Node:
    """A value in a JSON document.

    Args:
        value: The value.
        where: The file, or the file and line.
        path: How one comes to it, such as ``data[3].paragraphs[0]``.
    """

    def __init__(self, value: Any, where: str, path: str = ""):
        self.value = value
        self.where = where
        self.path = path

    def fault(self, message: str) -> InputError:
        """The error that names this place."""
        place = f"{self.path}: " if self.path else ""
        return InputError(f"{place}{message}", where=self.where)

    def get(self, key: str) -> "Node":
        """The field `key`.

        Raises:
            InputError: This is no object, or has no such field, or null there.
        """
        found = self.maybe(key)
        if found is None:
            raise self._below(key, None).fault("is null" if key in self.value else "missing")
        return found

    def maybe(self, key: str) -> "Node | None":
        """The field `key`, or None where it is absent or null.

        Raises:
            InputError: This is no object.
        """
        self._expect(dict)
        value = self.value.get(key)
        return None if value is None else self._below(key, value)

    def items(self, key: str) -> list["Node"]:
        """The items of the list in field `key`.

        Raises:
            InputError: There is none.
        """
        node = self.get(key)
        node._expect(list)
        return [Node(item, node.where, f"{node.path}[{i}]") for i, item in enumerate(node.value)]

    def text(self, key: str) -> str:
        """The text in field `key`.

        Raises:
            InputError: There is none.
        """
        node = self.get(key)
        node._expect(str)
        return node.value

    def name(self, key: str) -> str:
        """An identifier in field `key`: text, or a whole number as text.

        Raises:
            InputError: There is none.
        """
        node = self.get(key)
        if isinstance(node.value, int) and not isinstance(node.value, bool):
            return str(node.value)
        node._expect(str)
        return node.value

    def whole(self, key: str) -> int:
        """The whole number in field `key`.

        Raises:
            InputError: There is none.
        """
        node = self.get(key)
        if isinstance(node.value, bool) or not isinstance(node.value, int):
            raise node.fault(f"is {KINDS[type(node.value)]}, expected a whole number")
        return node.value

    def _below(self, key: str, value: Any) -> "Node":
        return Node(value, self.where, f"{self.path}.{key}" if self.path else key)

    def _expect(self, kind: type) -> None:
        if not isinstance(self.value, kind):
            raise self.fault(f"is {KINDS[type(self.value)]}, expected {KINDS[kind]}")


def document(member: Member) -> Node:
    """The one JSON value of a file.

    Raises:
        InputError: It is not JSON, such as a download that was cut off.
    """
    try:
        text = member.whole().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 at byte {error.start + 1}", where=member.where) from None
    return Node(_parsed(text, member.where), member.where)


def records(member: Member) -> Iterator[Node]:
    """The JSON values of a file that has one on each line; blank lines are passed over.

    Raises:
        InputError: A line is not JSON.
    """
    for number, line in member.lines():
        if line.strip():
            where = f"{member.where}:{number}"
            yield Node(_parsed(line, where), where)


def _parsed(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        raise InputError(
            f"is not JSON, or is cut off: {error.msg} at {place}", where=where
        ) from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"is not JSON: {error}", where=where) from None
