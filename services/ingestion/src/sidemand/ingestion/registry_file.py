"""Reads the registries: YAML files that a municipality's own people write.

Every mistake in one becomes a sentence that names file, line and entry and says what to do. The
service does not start on a registry that it understands only in part.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

M = TypeVar("M", bound=BaseModel)


class RegistryError(Exception):
    """A registry cannot be used; the text is a sentence for whoever wrote it."""


class Entry(BaseModel):
    """What entries of all registries have in common: an unknown field is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


@dataclass(frozen=True, slots=True)
class RegistryFile:
    """A file that is a mapping, with the line of every part of it."""

    path: Path
    root: yaml.MappingNode
    loader: yaml.SafeLoader

    @classmethod
    def read(cls, path: Path, setting: str) -> "RegistryFile":
        """Open `path`. `setting` is the environment variable that names it.

        Raises `RegistryError`.
        """
        try:
            loader = yaml.SafeLoader(path.read_text("utf-8"))
            root = loader.get_single_node()
        except FileNotFoundError:
            raise RegistryError(
                f"The file {path} is not there; write it, or let {setting} name another."
            ) from None
        except (OSError, UnicodeDecodeError):
            raise RegistryError(
                f"The file {path} cannot be read; it has to be a text file in UTF-8 that this "
                "service may read."
            ) from None
        except yaml.YAMLError as error:
            raise RegistryError(f"{path}, {_where(error)}: {_problem(error)}.") from None
        if not isinstance(root, yaml.MappingNode):
            raise RegistryError(f"{path} has to begin with a name and a colon, such as entries:.")
        return cls(path, root, loader)

    def entries(self, name: str, model: type[M]) -> list[tuple[str, M]]:
        """The list `name` as models, each with the words that say where it stands.

        Raises `RegistryError`.
        """
        node = self._list(name)
        return [self._entry(number, each, model) for number, each in enumerate(node.value, start=1)]

    def texts(self, name: str) -> list[str]:
        """The list `name` of plain words. Raises `RegistryError`."""
        node = self._list(name)
        for each in node.value:
            if not isinstance(each, yaml.ScalarNode):
                raise RegistryError(
                    f"{self.path}, {_line(each)}: {name} is a list of words, "
                    f"such as {name}: [storaadal]."
                )
        return [str(each.value) for each in node.value]

    def _list(self, name: str) -> yaml.SequenceNode:
        for key, value in self.root.value:
            if key.value == name and isinstance(value, yaml.SequenceNode):
                return value
            if key.value == name:
                raise RegistryError(f"{self.path}, {_line(value)}: {name} has to be a list.")
        raise RegistryError(f"{self.path} has no list {name}: add {name}: and its entries.")

    def _entry(self, number: int, node: yaml.Node, model: type[M]) -> tuple[str, M]:
        where = f"{self.path}, {_line(node)}, entry {number}"
        data: object = self.loader.construct_object(node, deep=True)
        if not isinstance(data, Mapping):
            raise RegistryError(f"{where}: an entry is a mapping of names to values.")
        try:
            return where, model.model_validate(data)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False, include_context=False)[0]
            raise RegistryError(
                f"{where}: {_advice(first['loc'], first['type'], first['msg'])}"
            ) from None


_ADVICE: Final = {
    "missing": "the field {field} is missing; add it.",
    "extra_forbidden": "the field {field} is unknown; correct its name, or take it out.",
    "string_type": "the field {field} has to be text; write it in quotes.",
    "tuple_type": "the field {field} has to be a list; write it in square brackets.",
    "too_short": "the field {field} is empty; fill it in.",
}


def _advice(place: Sequence[int | str], kind: str, message: str) -> str:
    field = ".".join(str(part) for part in place)
    if kind in _ADVICE:
        return _ADVICE[kind].format(field=field)
    return f"the field {field} is wrong ({message}); correct it."


def _line(node: yaml.Node) -> str:
    return f"line {node.start_mark.line + 1}"


def _where(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else "somewhere"


def _problem(error: yaml.YAMLError) -> str:
    problem = getattr(error, "problem", None) or "not YAML"
    return f"this is no YAML ({problem}); check indentation, brackets, colons and quotes there"
