"""What every API of ours promises, written once into its OpenAPI document (NL API Design Rules).

FastAPI describes the parameters, the bodies and the answer that went well. Here come the version in the headers, the
problems (RFC 9457; 400 where FastAPI would say 422), the token, and the Idempotency-Key.
"""

from typing import Any

from fastapi import FastAPI

from libs.chassis.problems import TITLES

HEADER = {"API-Version": {"$ref": "#/components/headers/API-Version"}}
COMPONENTS: dict[str, Any] = {
    "headers": {"API-Version": {"description": "volledig versienummer", "schema": {"type": "string"}}},
    "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
    "parameters": {
        "Idempotency-Key": {
            "name": "Idempotency-Key", "in": "header", "required": False,
            "description": "dezelfde sleutel met dezelfde inhoud geeft het eerste antwoord opnieuw",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        }
    },
}  # fmt: skip
PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "wat er mis is; nooit wat er is gestuurd"},
        "code": {"type": "string"},
        "invalidParams": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "code", "reason"],
                "properties": {
                    "name": {"type": "string", "description": "pad van het veld, met punten"},
                    "code": {"type": "string"},
                    "reason": {"type": "string"},
                },
            },
        },
    },
}

EVERY = (400, 401, 403, 500, 503)
WRITE = (409, 413, 415, 429)


class Documented(FastAPI):
    """An application whose OpenAPI document says what the chassis adds to every answer."""

    def openapi(self) -> dict[str, Any]:
        """The document; made once."""
        if self.openapi_schema is None:
            self.openapi_schema = completed(super().openapi())
        return self.openapi_schema


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """The same document with versions, problems, token and Idempotency-Key in it."""
    used: set[int] = set()
    for path, item in document.get("paths", {}).items():
        for method, operation in item.items():
            problems = _problems(path, method)
            used.update(problems)
            responses = {code: answer for code, answer in operation["responses"].items() if code != "422"}
            for answer in responses.values():
                answer["headers"] = HEADER
            refs = {str(status): {"$ref": f"#/components/responses/{_name(status)}"} for status in problems}
            operation["responses"] = responses | refs
            if method != "get":
                key = {"$ref": "#/components/parameters/Idempotency-Key"}
                operation["parameters"] = [*operation.get("parameters", []), key]
    kept = document.get("components", {}).get("schemas", {})
    schemas = {n: s for n, s in kept.items() if n not in ("HTTPValidationError", "ValidationError")}
    answers = {_name(status): _answer(status) for status in sorted(used)}
    components = {**COMPONENTS, "schemas": {**schemas, "Problem": PROBLEM}, "responses": answers}
    return document | {"components": components, "security": [{"token": []}]}


def _problems(path: str, method: str) -> list[int]:
    found = [*EVERY, *([404] if "{" in path else []), *(WRITE if method != "get" else [])]
    return sorted(found)


def _name(status: int) -> str:
    return f"Problem{status}"


def _answer(status: int) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": TITLES[status], "headers": HEADER, "content": content}
