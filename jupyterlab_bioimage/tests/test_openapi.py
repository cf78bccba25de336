"""openapi.yaml says what routes.py does: every path, every verb, every code; answers have the shapes it promises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from tornado.web import RequestHandler

from ..errors import STATUS
from ..routes import ROUTES
from .conftest import Ask

DOCUMENT = yaml.safe_load((Path(__file__).resolve().parents[1] / "openapi.yaml").read_text())
VERBS = ("get", "head", "post", "put", "patch", "delete")


def offered(handler: type[RequestHandler]) -> set[str]:
    return {verb for verb in VERBS if getattr(handler, verb) is not RequestHandler._unimplemented_method}


def test_paths_and_verbs_are_those_of_the_table() -> None:
    described = {path: set(entry) - {"parameters"} for path, entry in DOCUMENT["paths"].items()}
    assert described == {path: offered(handler) for path, handler in ROUTES.items()}


def test_codes_are_those_of_the_errors() -> None:
    assert set(DOCUMENT["components"]["schemas"]["Error"]["properties"]["code"]["enum"]) == set(STATUS)


def test_every_parameter_of_a_path_is_described() -> None:
    for path, entry in DOCUMENT["paths"].items():
        named = {reference["$ref"].rsplit("/", 1)[1] for reference in entry.get("parameters", [])}
        assert named == {part[1:-1] for part in path.split("/") if part.startswith("{")}


def schema(path: str) -> dict[str, Any]:
    content = DOCUMENT["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    return {**content["schema"], "components": DOCUMENT["components"]}


@pytest.mark.parametrize(
    ("path", "example"),
    [
        ("/stores", "stores"),
        ("/stores/{id}/list", "stores/data/list?prefix=image.zarr"),
        ("/catalogues", "catalogues"),
    ],
)
async def test_answers_have_the_described_shape(ask: Ask, path: str, example: str) -> None:
    jsonschema.validate((await ask(example)).json, schema(path))


async def test_errors_have_the_described_shape(ask: Ask) -> None:
    shape = {**DOCUMENT["components"]["schemas"]["Error"], "components": DOCUMENT["components"]}
    jsonschema.validate((await ask("stores/nope/list")).json, shape)
