"""Every route with who may call it and how; a route without a declaration is an error."""

import json
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.urls import URLPattern, URLResolver, get_resolver

from portal.ui.access import STAFF, Access

# Routes of libraries carry no declaration of ours: by namespace, what their own site enforces.
DECLARED_NAMESPACES = {"admin": Access(STAFF, ("GET", "HEAD", "POST"))}


def routes(
    patterns: Iterable[URLPattern | URLResolver] | None = None, prefix: str = "", namespaces: tuple[str, ...] = ()
) -> Iterator[dict[str, Any]]:
    """Each route as {path, name, methods, portal, roles}; methods and roles are None without a declaration."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from routes(pattern.url_patterns, path, inner)
            continue
        access = getattr(pattern.callback, "access", None)
        if access is None and namespaces:
            access = DECLARED_NAMESPACES.get(namespaces[0])
        yield {
            "path": f"/{path}",
            "name": ":".join((*namespaces, pattern.name or "")),
            "methods": list(access.methods) if access else None,
            "portal": path.partition("/")[0] if "/" in path else "",
            "roles": list(access.roles) if access else None,
        }


class Command(BaseCommand):
    help = "すべてのアドレスと、使える権限・メソッドを表示します。宣言のないアドレスがあれば 1 で終わります。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="JSON で表示します。")

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(routes())
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=1))
        else:
            for route in found:
                methods, roles = ",".join(route["methods"] or ()), ",".join(route["roles"] or ())
                self.stdout.write(f"{route['path']}  {methods}  {roles}")
        missing = [route["path"] for route in found if route["roles"] is None]
        if missing:
            raise CommandError(f"宣言のないアドレス：{'、'.join(missing)}", returncode=1)
