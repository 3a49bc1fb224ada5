# Rechtzeitig: `make run` plays the demo county, `make test` runs everything there is to test.
PYTHON ?= $(or $(shell command -v python3.11),$(shell command -v python3))
VENV := .venv
BIN := $(VENV)/bin
DATA ?= demo
PORT ?= 8080

.PHONY: help setup run machine test check lint bench torture vendor clean

help: ## list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(BIN)/rechtzeitig ## the program and what it needs, in .venv

$(BIN)/python:
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Python 3.11 fehlt / is missing: apt-get install python3.11 python3.11-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(BIN)/rechtzeitig: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(BIN)/rechtzeitig
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

run: setup ## play the demo county under ./demo and serve its pages on loopback
	$(BIN)/rechtzeitig serve --demo --data $(DATA) --port $(PORT)

# What the tests need of Debian: a browser, its fonts, the Nu HTML checker's Java, an IMAP server.
machine:
	@missing=""; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	ls -d /usr/share/fonts/truetype/liberation* >/dev/null 2>&1 || missing="$$missing fonts-liberation"; \
	command -v java >/dev/null || missing="$$missing default-jre-headless"; \
	PATH="$$PATH:/usr/sbin" command -v dovecot >/dev/null || missing="$$missing dovecot-imapd"; \
	command -v npm >/dev/null || missing="$$missing npm"; \
	[ -z "$$missing" ] || { [ "$$(id -u)" = 0 ] && apt-get update -qq && \
	  apt-get install -qq -y --no-install-recommends $$missing; } || \
	  { echo "Es fehlt / missing: apt-get install$$missing"; exit 1; }

test: machine $(VENV)/.dev ## run every test: PostgreSQL, a real mail server, a real browser
	$(BIN)/python -m tests.web.nu
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.dev ## format, lint, types, imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test ## everything that must hold before a commit

bench: $(VENV)/.dev ## the benchmarks, as ratios against the limit of the same run
	$(BIN)/python -m bench

torture: $(VENV)/.dev ## kill, stop, race and wait at full size; prints the figures of docs/reliability.md
	$(BIN)/python -m tests.torture $(PART)

vendor: ## fetch the style sheet and fonts of the pages anew (maintainers; needs npm)
	$(BIN)/python tools/vendor.py

clean: ## remove the environment and the demo's data
	rm -rf $(VENV) $(DATA)
