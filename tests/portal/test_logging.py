"""Log lines: no secrets, no forged lines, one event a line."""

import io
import json
import logging
import logging.config

import pytest
import structlog

from portal.common.http import request_id
from portal.logging import HIDDEN, configure


@pytest.fixture(params=[True, False], ids=["production", "development"])
def lines(request):
    """Yield a function that logs and returns what was written, for both renderers."""
    before = structlog.get_config()
    config = configure(production=request.param)
    formatter = config["formatters"]["line"]
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(**{k: v for k, v in formatter.items() if k != "()"}))
    logger = logging.getLogger("test.lines")
    logger.addHandler(handler)
    logger.setLevel("INFO")
    yield lambda: handler.stream.getvalue()
    logger.removeHandler(handler)
    structlog.configure(**before)


def test_values_named_like_secrets_are_hidden_at_any_depth(lines):
    secrets = {
        "password": "canary-1",
        "nested": {"csrfmiddlewaretoken": "canary-2", "list": [{"auth_key": "canary-3"}]},
    }
    structlog.get_logger("test.lines").info("logged", **secrets, url="redis://user:canary-4@host/0", key_id="K-1")
    assert "canary" not in lines()
    assert lines().count(HIDDEN) == 4
    assert "K-1" in lines()


def test_nothing_typed_forges_a_line_or_steers_a_terminal(lines):
    typed = "a\r\nINFO forged\x1b[2J\u202egnp\u2028b\x00\ud800"
    structlog.get_logger("test.lines").warning(typed, value=typed)
    logging.getLogger("test.lines").warning("plain %s", typed)
    written = lines()
    assert written.count("\n") == 2
    assert not set(written) & set("\r\x1b\u202e\u2028\x00\ud800")
    assert "forged" in written


def test_a_traceback_is_kept_without_what_it_could_forge(lines):
    try:
        raise ValueError("x\x1b[2J")
    except ValueError:
        logging.getLogger("test.lines").exception("failed")
    assert "ValueError" in lines()
    assert "\x1b" not in lines()


def test_a_line_carries_the_request(lines):
    token = request_id.set("abc123")
    logging.getLogger("test.lines").info("one")
    request_id.reset(token)
    logging.getLogger("test.lines").info("two")
    first, second = lines().splitlines()
    assert "abc123" in first
    assert "abc123" not in second


def test_production_writes_json():
    config = configure(production=True)
    formatter = structlog.stdlib.ProcessorFormatter(
        **{k: v for k, v in config["formatters"]["line"].items() if k != "()"}
    )
    line = json.loads(formatter.format(logging.LogRecord("a", logging.INFO, "", 0, "受付 %s", ("K-1",), None)))
    assert (line["event"], line["level"], line["logger"]) == ("受付 K-1", "info", "a")


def test_djangos_settings_take_the_configuration():
    config = configure(production=True)
    assert all(not logger["handlers"] for logger in config["loggers"].values())
    assert config["root"]["handlers"] == ["stderr"]
