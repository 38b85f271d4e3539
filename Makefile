# `make run` and `make test` each set everything up in .venv first, without root.
# They need make and Python 3.11 or newer with venv; PYTHON=... names another one.

.PHONY: run test soak bench lock clean

# Commands start in half the time from compiled modules, which `.venv` and the tree have to keep.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= $(shell for p in python3.11 python3; do \
	"$$p" -c '' 2>/dev/null && { echo "$$p"; break; }; done)
VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
PIP := $(PY) -m pip --disable-pip-version-check --no-input -qq install --no-compile

# What the bot says is all that stands on stdout, and stdin is the bot's alone.
run: $(READY)
	@$(VENV)/bin/watchkeeper run $(ARGS)

test: $(READY)
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy
	@$(PY) -m pytest -p tests.no_skips -n 3 --dist loadfile

soak: $(READY)
	@$(PY) -m pytest -o timeout=0 tests/soak

bench: $(READY)
	@$(PY) -m pytest -o timeout=0 -s tests/bench

# Keeps what is pinned; LOCK=--upgrade moves everything to the newest version.
lock: $(READY)
	@command -v $(VENV)/bin/uv >/dev/null || $(PIP) uv
	@$(VENV)/bin/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --no-annotate --quiet $(LOCK) \
		--output-file requirements.lock

clean:
	@rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# With the stamp there, the environment is whole and only brought up to date; without it,
# whatever an interrupted set-up has left is thrown away.
$(READY): requirements.lock pyproject.toml
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo \
		"Watchkeeper needs Python 3.11 or newer: install it, or name it with PYTHON=..." >&2; exit 2; }
	@echo "Setting up $(VENV) ..." >&2
	@{ $(PY) -m pip --version >/dev/null 2>&1 && rm $@ 2>/dev/null; } \
		|| "$(PYTHON)" -m venv --clear $(VENV) >&2 </dev/null
	@$(PIP) --require-hashes -r requirements.lock >&2 </dev/null
	@$(PIP) --no-deps --no-build-isolation -e . >&2 </dev/null
	@touch $@
