# Everything starts here: `make help` lists the targets. Each target sets up what it needs and nothing twice.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules

# Ape looks for `vyper` on PATH and would download a compiler if it were not there.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

# The story that `make demo` plays: a file name in scenarios/, without .yaml.
SCENARIO ?= mpt-7b
# Processes of the test suite, and further pytest arguments: make test ARGS="-k treasury".
JOBS ?= 2
ARGS ?=
# How many times the usual number of examples `make test-deep` tries in each campaign.
DEPTH ?= 10
PORT ?= 8545
# The rules that `make economics` plays.
PARAMETERS ?= parameters/mainnet.yaml

# What runs on Ape's byte code or on none: the second pass of `make test-deep` would only repeat it.
OPTIMISED_ONLY = tests/integration tests/scripts tests/unit/tools

.PHONY: help setup setup-node compile demo test test-deep lint format size abi bench bench-scaling bench-cli bench-offchain cheats devnet economics clean distclean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: ## the locked Python environment in .venv (every target does this first)
	@tools/setup_python.sh

setup-node: ## the locked npm packages in node_modules (anvil, forge, the peers of tests)
	@tools/setup_node.sh

compile: setup ## byte code of all contracts, from nothing if any source changed
	@python -m tools.compile_project

demo: compile ## the whole wheel on an embedded chain: make demo SCENARIO=mpt-7b
	@ape run demo --scenario $(SCENARIO)

test: compile setup-node ## the test suite: make test ARGS="-k treasury"
	@pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

test-deep: compile setup-node ## long campaigns and attacks on mutants, then everything once more on unoptimised byte code
	@FLYWHEEL_EXAMPLES=$(DEPTH) pytest -m "deep or not deep" -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)
	@pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder -p tools.unoptimised $(OPTIMISED_ONLY:%=--ignore %) $(ARGS)

lint: setup ## ruff, mypy, natrix, vyper -W error and the project's own source rules
	@status=0; \
	ruff check || status=1; \
	ruff format --check || status=1; \
	mypy || status=1; \
	python -m tools.source_rules || status=1; \
	python -m tools.natrix_lint || status=1; \
	python -m tools.bytecode warnings || status=1; \
	exit $$status

format: setup ## puts Python files into the project's form
	@ruff check --fix
	@ruff format

size: setup ## runtime byte code of each deployable; fails above 24,000 bytes
	@python -m tools.bytecode size

economics: setup ## what attacks and cheating earn under the rules of a file: make economics PARAMETERS=parameters/mainnet.yaml
	@python -m flywheel.economics $(PARAMETERS) $(ARGS)

cheats: setup ## what cheats earn on the real labelling job, by the rule of drops and by majority; fails if one earns too much
	@python -m benchmarks.cheats

abi: compile ## ABIs with errors and NatSpec into abi/, with an index of addresses by chain
	@python -m tools.abi

bench: compile setup-node ## gas of every operation beside OpenZeppelin's; fails if a target is missed
	@python -m benchmarks

bench-scaling: compile setup-node ## the same operations among 10,000 holders, voters and payers
	@python -m benchmarks --large

bench-cli: compile setup-node ## how long commands take, on a devnet of their own, and how often they ask the node
	@python -m benchmarks.commands

bench-offchain: setup setup-node ## a million accounts to root and shards, labels scored: make bench-offchain ARGS="--labels 100000000"
	@python -m benchmarks.offchain $(ARGS)

devnet: compile setup-node ## a local chain that keeps its state, on port 8545: make devnet PORT=8545
	@python -m flywheel.chain.devnet --port $(PORT) $(ARGS)

clean: ## removes build output and caches; keeps .venv, node_modules, .devnet, deployments and keys
	@rm -rf .build .cache out .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './.venv/*' -not -path './node_modules/*' -prune -exec rm -rf {} +

distclean: clean ## `clean`, and removes .venv and node_modules too
	@rm -rf .venv node_modules .setup.lock
