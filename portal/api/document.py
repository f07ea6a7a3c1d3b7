"""The OpenAPI 3.1 document of an API, made of the same declarations that its endpoints work with."""

from typing import Any

from portal.api import problems
from portal.api.declaration import Api, Collection
from portal.api.fields import Schema
from portal.api.parameters import Parameter
from portal.ui.access import READ

VERSION = "3.1.0"

STATUSES = {
    400: "リクエストを読み取れません",
    401: "有効なAPIトークンがありません",
    404: "見つからないか、貴社のものではありません（区別しません）。一覧では、cursor が使えなくなっています",
    405: "照会以外のメソッドです",
    422: "パラメーターに誤りがあります。すべての誤りを返します",
    429: "リクエストの回数が多すぎます",
}
HEADERS: dict[int, dict[str, tuple[str, Schema]]] = {
    401: {"WWW-Authenticate": ("認証の方式", {"type": "string", "pattern": "^Bearer "})},
    405: {"Allow": ("使えるメソッド", {"type": "string", "const": ", ".join(READ)})},
    429: {"Retry-After": ("待つ秒数", {"type": "integer", "minimum": 1})},
}


def document(api: Api) -> dict[str, Any]:
    """Return the whole document as JSON data."""
    paths: dict[str, Any] = {}
    for collection in api.collections:
        paths[f"/{collection.name}"] = {"get": _list_operation(collection)}
        paths[f"/{collection.name}/{{number}}"] = {"get": _single_operation(collection)}
    records = [record for one in api.collections for record in (one.record, one.single) if record]
    return {
        "openapi": VERSION,
        "info": {"title": api.title, "version": api.version, "description": api.intro},
        "servers": [{"url": api.root.rstrip("/")}],
        "security": [{"token": []}],
        "tags": [{"name": one.name, "description": one.title} for one in api.collections],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "管理者が発行したAPIトークン"}
            },
            "schemas": {**{record.name: record.schema() for record in records}, "Problem": _problem_schema()},
            "responses": {str(status): _problem_response(status) for status in STATUSES},
        },
    }


def _list_operation(collection: Collection) -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": _ref("schemas", collection.record.name)},
            "next_cursor": {
                "type": ["string", "null"],
                "description": "続きがあるとき、次のリクエストの cursor に指定する値。最後のページでは null",
            },
        },
        "required": ["items", "next_cursor"],
        "additionalProperties": False,
    }
    example = {"items": [collection.record.example()], "next_cursor": None}
    links = {
        "next": _link(collection, "list", "次のページ", cursor="$response.body#/next_cursor"),
        "first": _link(collection, "get", "最初の1件", number="$response.body#/items/0/number"),
    }
    return {
        "operationId": f"list_{collection.name}",
        "tags": [collection.name],
        "summary": collection.title,
        "description": collection.intro,
        "parameters": [_query(parameter) for parameter in collection.parameters],
        "responses": _responses(schema, example, links, 404, 422),
    }


def _single_operation(collection: Collection) -> dict[str, Any]:
    number = {
        "name": "number",
        "in": "path",
        "required": True,
        "description": collection.number_label,
        "schema": {"type": "string", "pattern": f"^{collection.number_pattern}$"},
        "example": collection.number_example,
    }
    record = collection.single_record
    return {
        "operationId": f"get_{collection.name}",
        "tags": [collection.name],
        "summary": f"{collection.record.title}の照会",
        "parameters": [number],
        "responses": _responses(_ref("schemas", record.name), record.example(), {}, 404, 422),
    }


def _query(parameter: Parameter) -> dict[str, Any]:
    described = {"name": parameter.name, "in": "query", "description": parameter.label, "schema": parameter.schema}
    return described | ({"example": parameter.example} if parameter.example else {})


def _link(collection: Collection, action: str, description: str, **parameters: str) -> dict[str, Any]:
    return {
        "operationId": f"{action}_{collection.name}",
        "description": description,
        "parameters": parameters,
    }


def _responses(schema: Schema, example: Any, links: dict[str, Any], *more: int) -> dict[str, Any]:
    found = {"description": "照会の結果", "content": {"application/json": {"schema": schema, "example": example}}}
    refused = sorted({400, 401, 405, 429, *more})
    return {"200": found | ({"links": links} if links else {})} | {
        str(status): _ref("responses", str(status)) for status in refused
    }


def _problem_response(status: int) -> dict[str, Any]:
    faults = [problems.Fault("limit", "limitは1から200までの整数で指定してください。")] if status == 422 else None
    headers = {
        name: {"description": text, "required": True, "schema": schema}
        for name, (text, schema) in HEADERS.get(status, {}).items()
    }
    return {
        "description": STATUSES[status],
        **({"headers": headers} if headers else {}),
        "content": {
            problems.CONTENT_TYPE: {
                "schema": _ref("schemas", "Problem"),
                "example": problems.body(status, faults),
            }
        },
    }


def _problem_schema() -> Schema:
    fault = {
        "type": "object",
        "properties": {"parameter": {"type": "string"}, "detail": {"type": "string", "description": "誤りの説明"}},
        "required": ["parameter", "detail"],
        "additionalProperties": False,
    }
    return {
        "title": "エラー（RFC 9457）",
        "type": "object",
        "properties": {
            "type": {"type": "string", "const": "about:blank"},
            "title": {"type": "string", "description": "HTTPの番号の名称（英語）"},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"type": "string", "description": "何が起きたか、どうすればよいか"},
            "errors": {"type": "array", "items": fault, "description": "誤りのあるパラメーター"},
        },
        "required": ["type", "title", "status", "detail"],
        "additionalProperties": False,
    }


def _ref(kind: str, name: str) -> Schema:
    return {"$ref": f"#/components/{kind}/{name}"}
