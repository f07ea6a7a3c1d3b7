"""The documents package as a Django app; it also fixes the fonts of the process."""

import os
from pathlib import Path

from django.apps import AppConfig

FONTS_CONF = Path(__file__).parent / "fonts" / "fonts.conf"


class DocumentsConfig(AppConfig):
    name = "portal.documents"
    label = "documents"
    verbose_name = "書類"

    def ready(self) -> None:
        # Set here, before any thread is started, because Fontconfig reads it in C.
        os.environ["FONTCONFIG_FILE"] = str(FONTS_CONF)
