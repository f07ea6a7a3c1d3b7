"""The OpenAPI 3.1 document of an API, made of the same declarations that its endpoints work with."""

from typing import Any

from portal.api import problems
from portal.api.declaration import Api, Collection, Creation
from portal.api.fields import Schema
from portal.api.parameters import Parameter

VERSION = "3.1.0"

STATUSES = {
    400: "リクエストを読み取れません",
    401: "有効なAPIトークンがありません",
    403: "トークンの発行者に権限がないか、この接続元からは利用できません",
    404: "見つからないか、貴社のものではありません（区別しません）。一覧では、cursor が使えなくなっています",
    405: "このアドレスでは使えないメソッドです",
    413: "リクエストが大きすぎます",
    415: "リクエストの本文が JSON ではありません",
    422: "パラメーターに誤りがあります。すべての誤りを返します",
    429: "リクエストの回数が多すぎます",
}
CREATING = (404, 413, 415, 422)
HEADERS: dict[int, dict[str, tuple[str, Schema]]] = {
    401: {"WWW-Authenticate": ("認証の方式", {"type": "string", "pattern": "^Bearer "})},
    405: {"Allow": ("使えるメソッド", {"type": "string", "pattern": "^GET, HEAD(, POST)?$"})},
    429: {"Retry-After": ("待つ秒数", {"type": "integer", "minimum": 1})},
}


def document(api: Api) -> dict[str, Any]:
    """Return the whole document as JSON data."""
    paths: dict[str, Any] = {}
    for collection in api.collections:
        paths[f"/{collection.name}"] = {"get": _list_operation(api, collection)}
        if collection.creation:
            paths[f"/{collection.name}"]["post"] = _create_operation(api, collection, collection.creation)
        paths[f"/{collection.name}/{{{collection.number_name}}}"] = {"get": _single_operation(api, collection)}
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
            "responses": {str(status): _problem_response(status) for status in _used(api)},
        },
    }


def _list_operation(api: Api, collection: Collection) -> dict[str, Any]:
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
        "first": _link(
            collection,
            "get",
            "最初の1件",
            **{collection.number_name: f"$response.body#/items/0/{collection.number_name}"},
        ),
    }
    return {
        "operationId": f"list_{collection.name}",
        "tags": [collection.name],
        "summary": collection.title,
        "description": collection.intro,
        "parameters": [_query(parameter) for parameter in collection.parameters],
        "responses": _responses(schema, example, links, _refused(api, 404, 422)),
    }


def _single_operation(api: Api, collection: Collection) -> dict[str, Any]:
    number = {
        "name": collection.number_name,
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
        "responses": _responses(_ref("schemas", record.name), record.example(), {}, _refused(api, 404, 422)),
    }


def _create_operation(api: Api, collection: Collection, creation: Creation) -> dict[str, Any]:
    body = {
        "type": "object",
        "properties": {one.name: {**one.schema, "description": one.label} for one in creation.members},
        "required": list(creation.required),
        "additionalProperties": False,
    }
    record = collection.single_record
    refused = _refused(api, *CREATING) | {
        str(status): _problem_response(status, text) for status, text in creation.refusals.items()
    }
    return {
        "operationId": f"create_{collection.name}",
        "tags": [collection.name],
        "summary": creation.title,
        "description": creation.intro,
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": body, "example": creation.example}},
        },
        "responses": _responses(
            _ref("schemas", record.name), record.example(), {}, dict(sorted(refused.items())), made="201"
        ),
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


def _used(api: Api) -> list[int]:
    """Return the statuses whose answers are the same for all operations of the API."""
    unused = set() if any(one.creation for one in api.collections) else {413, 415}
    return [status for status in STATUSES if status not in unused | ({403} if api.admits is None else set())]


def _refused(api: Api, *more: int) -> dict[str, Any]:
    statuses = {400, 401, 405, 429, *more} | ({403} if api.admits else set())
    return {str(status): _ref("responses", str(status)) for status in sorted(statuses)}


def _responses(
    schema: Schema, example: Any, links: dict[str, Any], refused: dict[str, Any], made: str = "200"
) -> dict[str, Any]:
    found = {"description": "照会の結果", "content": {"application/json": {"schema": schema, "example": example}}}
    return {made: found | ({"links": links} if links else {})} | refused


def _problem_response(status: int, text: str = "") -> dict[str, Any]:
    faults = [problems.Fault("limit", "limitは1から200までの整数で指定してください。")] if status == 422 else None
    headers = {
        name: {"description": label, "required": True, "schema": schema}
        for name, (label, schema) in HEADERS.get(status, {}).items()
    }
    return {
        "description": text or STATUSES[status],
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
            "code": {"type": "string", "description": "理由の区分（ないことがあります）"},
            "errors": {"type": "array", "items": fault, "description": "誤りのあるパラメーター"},
        },
        "required": ["type", "title", "status", "detail"],
        "additionalProperties": False,
    }


def _ref(kind: str, name: str) -> Schema:
    return {"$ref": f"#/components/{kind}/{name}"}
