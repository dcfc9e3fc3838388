"""The OpenAPI documents under the NL API Design Rules, as far as a document can be judged without a linter."""

import re
from collections.abc import Iterator
from typing import Any, cast

import pytest

from libs.chassis.auth import Verifier
from libs.chassis.http import VERSION, service_app
from libs.chassis.opening import service_named
from libs.chassis.service import Runtime
from libs.chassis.settings import SERVICES

METHODS = {"get", "put", "post", "delete", "patch"}
CAMEL = re.compile(r"[a-z][a-z0-9]*([A-Z][a-z0-9]*)*")
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SINGULAR = {"werkvoorraad", "behandelaar", "beleid", "uitval", "nazorg", "afloop", "overleglijst", "tijdlijn",
            "partnerbeeld", "terugkoppeling"}  # fmt: skip
"""Names of the contract that are one thing, or a word without a plural."""


@pytest.fixture(scope="module", params=SERVICES)
def document(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The OpenAPI document of one service."""
    service = service_named(request.param)
    app = service_app(service, cast(Runtime, None), cast(Verifier, None))
    assert app.openapi_url == "/openapi.json"
    return app.openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def resolved(document: dict[str, Any], node: dict[str, Any]) -> Any:
    """What a reference leads to."""
    found: Any = node
    if "$ref" in node:
        found = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
    return found


def schemas(node: Any) -> Iterator[dict[str, Any]]:
    """Every schema with properties, wherever it stands."""
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict):
            yield node
        for value in node.values():
            yield from schemas(value)
    elif isinstance(node, list):
        for value in node:
            yield from schemas(value)


def test_it_is_openapi_3_with_a_version_in_the_path_and_somebody_to_ask(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.")
    assert re.fullmatch(r"\d+\.\d+\.\d+", document["info"]["version"])
    assert document["info"]["version"] == VERSION
    assert {"name", "email", "url"} <= document["info"]["contact"].keys()
    [server] = document["servers"]
    assert re.fullmatch(r"/[a-z]+/v1", server["url"])
    assert document["security"] == [{"token": []}]
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


def test_paths_are_resources_in_the_plural(document: dict[str, Any]) -> None:
    for path, method, _ in operations(document):
        assert method in METHODS
        assert not path.endswith("/")
        for segment in path.strip("/").split("/"):
            if segment.startswith("{"):
                assert CAMEL.fullmatch(segment.strip("{}")), path
                continue
            assert KEBAB.fullmatch(segment), path
            assert segment in SINGULAR or segment.endswith(("en", "s", "ia")), path


def test_names_are_camel_case(document: dict[str, Any]) -> None:
    for path, _, operation in operations(document):
        for parameter in operation.get("parameters", []):
            found = resolved(document, parameter)
            assert found["in"] == "header" or CAMEL.fullmatch(found["name"]), (path, found["name"])
    for schema in schemas(document):
        for name, prop in schema["properties"].items():
            assert CAMEL.fullmatch(name), name
            if name == "datum" or name.endswith("Datum"):
                assert prop.get("format") == "date", name
    for name in document["components"]["schemas"]:
        assert re.fullmatch(r"([A-Z][a-z0-9]*)+", name), name


def test_every_answer_carries_the_version_and_every_error_is_a_problem(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        responses = {code: resolved(document, answer) for code, answer in operation["responses"].items()}
        assert {"400", "401", "403", "500"} <= responses.keys(), path
        assert "422" not in responses
        assert ("404" in responses) == ("{" in path)
        if method != "get":
            assert {"409", "413", "415"} <= responses.keys(), path
            names = [resolved(document, p)["name"] for p in operation["parameters"]]
            assert "Idempotency-Key" in names
        for code, answer in responses.items():
            assert "API-Version" in answer["headers"], (path, code)
            if code >= "400":
                schema = resolved(document, answer["content"]["application/problem+json"]["schema"])
                assert {"status", "title", "detail"} <= schema["properties"].keys()


def test_operations_are_told_apart(document: dict[str, Any]) -> None:
    found = list(operations(document))
    assert len({operation["operationId"] for _, _, operation in found}) == len(found) > 0
    assert all(operation.get("summary") or operation.get("description") for _, _, operation in found)
