# Sidemand: what one types. `make help` lists it.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
MEMBERS := schemas $(wildcard libs/*) $(wildcard services/*)
SERVICES := ingestion redaction embedding retrieval generation reembedding standalone
KNOWLEDGE ?=

.DEFAULT_GOAL := help
.PHONY: help check test fault fuzz demo run docs bench lock train servers clean style types layers quick-services quick-others

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/ready ## the main job on embedded defaults, told in Danish; KNOWLEDGE=file.jsonl.gz loads law as well
	$(BIN)/python -m sidemand.standalone demo $(if $(KNOWLEDGE),--knowledge $(KNOWLEDGE))

run: .venv/ready ## stay up: all five services and a Kafka at 127.0.0.1:9092, state in ./var
	$(BIN)/python -m sidemand.standalone run $(if $(KNOWLEDGE),--knowledge $(KNOWLEDGE))

# Side by side, so that all of it takes about a minute on two cores.
check: .venv/ready ## lint, types, layers, unit and contract tests; about a minute
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target quick-services quick-others types style layers

test: style types layers servers ## everything that this machine can prove, ended by a table of what was proved on what
	$(BIN)/pytest

SEEDS ?= 1 2 3
fault: .venv/ready servers ## the bus and the five services under fire, at length; SEEDS="1 2 3"
	@for seed in $(SEEDS); do \
	  SIDEMAND_FAULT_SIZE=long SIDEMAND_FAULT_SEED=$$seed $(BIN)/pytest -s --show-capture=no tests/fault || exit 1; \
	done

# Fuzzing has a place of its own, since its package is there for Linux alone.
FUZZ = build/fuzz
fuzz: .venv/ready ## ten minutes of texts that nobody foresaw, for redaction (Linux)
	@mkdir -p $(FUZZ)/texts
	$(BIN)/uv pip install --quiet --require-hashes --target $(FUZZ)/packages -r infra/fuzz/requirements.txt
	PYTHONPATH=$(FUZZ)/packages $(BIN)/python infra/fuzz/redaction.py -max_total_time=600 -max_len=1500 \
	  -artifact_prefix=$(FUZZ)/ $(FUZZ)/texts samples/cases

style: .venv/ready
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .

types: .venv/ready
	$(BIN)/mypy

layers: .venv/ready
	@mkdir -p build
	$(BIN)/lint-imports > build/layers.txt || { cat build/layers.txt; exit 1; }

# What needs no server and installs nothing: unit and contract tests, in two halves.
QUICK = $(BIN)/pytest -q -m "not server and not slow"
quick-services: .venv/ready
	$(QUICK) services
quick-others: .venv/ready
	$(QUICK) schemas libs tests/contract

servers: .venv/ready
	$(BIN)/python -m sidemand.testing.servers fetch

docs: .venv/ready ## write what is generated from the contract: schemas, AsyncAPI, topic files, docs/events.md
	$(BIN)/python -m sidemand.schemas.generate

bench: .venv/ready servers ## measure; figures go to build/bench; one alone: make bench-bus, bench-redaction, …
	@for bench in tests/bench/bench_*.py; do echo "$$bench"; $(BIN)/python -m tests.bench.$$(basename $$bench .py) || exit 1; done

bench-%: .venv/ready servers
	$(BIN)/python -m tests.bench.bench_$*

train: .venv/ready ## train the weights that the packages carry, from ../shared/data
	$(BIN)/python -m sidemand.embedding.training ../shared/data
	$(BIN)/python -m sidemand.redaction.training
	$(BIN)/python -m sidemand.generation.training ../shared/data
	$(BIN)/sidemand-eval calibrate ../shared/data

EXPORT = $(BIN)/uv export --quiet --no-emit-workspace --no-header --no-annotate
lock: .venv/ready ## write requirements/ anew: hashes, no addresses
	$(EXPORT) --all-packages --all-extras --group dev -o requirements/dev.txt
	@for service in $(SERVICES); do \
	  extra=$$([ $$service = embedding ] && echo "--extra encoder"); \
	  $(EXPORT) --package sidemand-$$service --no-dev $$extra -o requirements/$$service.txt || exit 1; \
	done

clean: ## remove what was built
	rm -rf .venv build var

# The environment: locked packages by hash, uv first, then the members themselves, editable.
.venv/ready: requirements/dev.txt $(wildcard schemas/pyproject.toml libs/*/pyproject.toml services/*/pyproject.toml)
	@mkdir -p build
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Sidemand needs Python 3.11 or newer; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test -x $(BIN)/uv || { sed -n '/^uv==/,/[^\\]$$/p' requirements/dev.txt > build/uv.txt && \
	  $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r build/uv.txt; }
	$(BIN)/uv pip sync --quiet --require-hashes --compile-bytecode requirements/dev.txt
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation $(MEMBERS:%=--editable ./%)
	@touch $@
