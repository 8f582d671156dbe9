PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
FONTS := .fonts/.ready

.PHONY: setup demo run test browser check bench lock docs clean

setup: $(READY) $(FONTS)

$(READY): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Anju needs Python 3.11 or newer: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(FONTS): $(READY) bot/jobs/fonts.py
	$(BIN)/python -m bot.jobs.fonts
	@touch $@

demo: setup
	$(BIN)/python main.py demo

run: setup
	$(BIN)/python main.py

test: setup
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile --cov=flows --cov-report=term:skip-covered

browser: setup
	$(BIN)/python -m pytest -m browser tests/browser

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup
	$(BIN)/python -m benchmarks.form

docs: setup
	$(BIN)/python -m bot.flowchart docs/flows.md

lock:
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/pip install --quiet pip-tools
	.venv-lock/bin/pip-compile --quiet --upgrade --extra dev --generate-hashes --strip-extras --no-header \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host -o requirements.lock pyproject.toml
	rm -rf .venv-lock

clean:
	rm -rf $(VENV) .fonts .mypy_cache .pytest_cache .ruff_cache .hypothesis screenshots
