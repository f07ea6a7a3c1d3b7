"""The benchmark's application: its portal and procedures register themselves."""

from django.apps import AppConfig


class BenchConfig(AppConfig):
    name = "bench.site"
    label = "bench"

    def ready(self) -> None:
        from bench.site import wizards  # noqa: F401 - the procedures register themselves
        from portal.ui import portals

        portals.register(
            portals.Portal(
                key="bench",
                name="ベンチマーク",
                accent="grey",
                icon="gear",
                audience="",
                home="bench:applications",
                menu=[
                    portals.MenuItem("手続き", "bench:three-steps-new"),
                    portals.MenuItem("申込状況の一覧", "bench:applications"),
                ],
            )
        )
