# Every command of the project. Each brings what it needs itself; a second run takes seconds and needs no network.
# Variables of the environment that `run` honours are listed in docs/operations.md, e.g. `make run PORT=8001`.

PYTHON_BIN = .venv/bin/python
LOCK = .venv/bin/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11

.DEFAULT_GOAL := help
.PHONY: help run test lint format bench lock image-check clean

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

run: ## install what is missing and serve all portals with demo data on 127.0.0.1:8000
	@scripts/setup run
	@exec scripts/serve

test: ## the whole suite on SQLite, then on PostgreSQL with Redis and Celery (ARGS= goes to pytest)
	@scripts/setup test
	@exec $(PYTHON_BIN) -m tests.support.suite $(ARGS)

lint: ## every static check
	@scripts/setup test
	@exec scripts/lint

format: ## rewrite Python and templates in the one format
	@scripts/setup test
	.venv/bin/ruff check --quiet --fix-only .
	.venv/bin/ruff format .
	find templates -name '*.html' -exec .venv/bin/djade --target-version 5.2 {} +

bench: ## every benchmark of bench/, as ratios; writes var/bench.json
	@scripts/setup test
	@exec $(PYTHON_BIN) -m bench

lock: ## renew requirements*.txt from requirements*.in
	@scripts/setup test
	$(LOCK) requirements.in --output-file requirements.txt
	$(LOCK) --constraints requirements.txt requirements-dev.in --output-file requirements-dev.txt

image-check: ## run the container image's install script and read the compose file, without an engine
	@scripts/setup image
	@exec scripts/image-check

clean: ## remove .venv and var/
	rm -rf .venv var
