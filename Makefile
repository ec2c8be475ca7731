# Every task of the project is one command here; `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help run check test lint types contracts unit golden soak bench lock demo-assets clean

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | expand -t 14

run: $(VENV)/.run ## set everything up and serve the demo station at http://127.0.0.1:8000
	@$(BIN)/stationfeed serve

check: $(VENV)/.run ## say every problem of the demo station in plain words
	@$(BIN)/stationfeed check

test: lint types contracts unit ## lint, types, import contracts and the whole test suite

lint: $(VENV)/.dev ## ruff: rules and formatting
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: $(VENV)/.dev ## mypy, strict
	@$(BIN)/mypy

contracts: $(VENV)/.dev ## who may import whom
	@$(BIN)/lint-imports

unit: $(VENV)/.dev ## the tests, on every core
	@sh tools/install_test_programs.sh
	@$(BIN)/python -m pytest --numprocesses=auto --dist=worksteal

golden: $(VENV)/.dev ## write the golden feeds anew, to be read in the diff
	@STATIONFEED_REFRESH_GOLDEN=1 $(BIN)/python -m pytest tests/test_golden_feeds.py -p no:randomly

soak: $(VENV)/.dev ## a thousand event listeners, a kill at every system call; takes minutes
	@$(BIN)/python -m tests.soak_events
	@STATIONFEED_SOAK=1 $(BIN)/python -m pytest --numprocesses=auto --dist=worksteal tests/test_crash_publisher.py

bench: $(VENV)/.peers ## figures beside a peer, in one run
	@sh tools/install_test_programs.sh nginx caddy
	@$(BIN)/python -m benchmarks

lock: $(VENV)/.dev ## resolve requirements/*.txt anew, with hashes
	@sh tools/lock.sh $(BIN)

demo-assets: $(VENV)/.dev ## draw and speak the demo station's pictures and audio anew
	@$(BIN)/python tools/demo_assets.py

clean: ## delete what can be made again
	rm -rf $(VENV) .stationfeed/cache .mypy_cache .ruff_cache .pytest_cache .hypothesis build

$(BIN)/python:
	@sh tools/make_venv.sh $(PYTHON) $(VENV)

$(VENV)/.run: requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "installing what stationfeed needs ..."
	@$(PIP_INSTALL) --require-hashes -r requirements/run.txt
	@$(PIP_INSTALL) --no-deps --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@echo "installing what its tests need ..."
	@$(PIP_INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.peers: requirements/peers.txt $(VENV)/.dev
	@echo "installing what its figures are compared with ..."
	@$(PIP_INSTALL) --require-hashes -r requirements/peers.txt
	@touch $@
