# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later

# The Python (3.11 or newer) to make .venv with. Given on the command line, .venv is made anew if it holds another.
PYTHON ?= python3
# A version of ansible-core in the place of the pinned one, on a Python that it supports: make integration
# PYTHON=python3.11 ANSIBLE_CORE=2.17.14. Another .venv is made anew; without it, whatever .venv holds is used.
ANSIBLE_CORE ?=
# Options for what is run: make local ARGS="--domain accounts.example.org", make unit ARGS="-k address".
ARGS ?=
# Which stages `make test` runs, all by default: make test STAGE="lint unit".
STAGE ?=
# 1: show what the stages print while they run.
VERBOSE ?=

RUN := .venv/bin/python
GIVEN := $(if $(filter file,$(origin PYTHON)),,--exactly)

.DEFAULT_GOAL := help
.PHONY: help setup demo local test lint types sanity unit integration bench-map bench-accounts bench-adoption bench-forwarder bench-queue bench-held bench-drift bench-owner-sync clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/make \1|\2/p' Makefile | awk -F'|' '{ printf "  %-22s %s\n", $$1, $$2 }'

setup: ## make .venv with all that the other targets need (they call this themselves)
	@$(PYTHON) tests/checks/setup.py $(GIVEN) --ansible-core='$(ANSIBLE_CORE)'

demo: setup ## run the whole job once on local AWS: vend an address, create the account, forward a mail
	@exec $(RUN) -m tests.local_aws.demo $(ARGS)

local: setup ## keep local AWS running with the forwarder deployed until Ctrl-C
	@exec $(RUN) -m tests.local_aws $(ARGS)

test: setup ## run all checks, or some: STAGE="lint unit"; VERBOSE=1 shows their output; ARGS go to pytest
	@exec env VERBOSE='$(VERBOSE)' $(RUN) -m tests.checks $(STAGE) -- $(ARGS)

lint types sanity unit integration: setup
	@exec env VERBOSE='$(VERBOSE)' $(RUN) -m tests.checks $@ -- $(ARGS)

bench-map: setup ## time the map's modules beside bare boto3 calls and beside a loop of tasks
	@exec $(RUN) -m tests.benchmarks.bench_map

bench-accounts: setup ## AWS calls and seconds of creating accounts, beside bare boto3 calls and a loop of tasks
	@exec $(RUN) -m tests.benchmarks.bench_accounts

bench-adoption: setup ## time the wait for a verification email, in an empty bucket and beside 100,000 messages
	@exec $(RUN) -m tests.benchmarks.bench_adoption

bench-forwarder: setup ## CPU, memory and cold start of the forwarder beside the email package and bare calls
	@exec $(RUN) -m tests.benchmarks.bench_forwarder

bench-queue: setup ## time 10,000 small mails through the queue and two functions, beside bare calls
	@exec $(RUN) -m tests.benchmarks.bench_queue

bench-held: setup ## time listing 10,000 held mails, quarantined and dead letters, beside bare calls
	@exec $(RUN) -m tests.benchmarks.bench_held

bench-drift: setup ## time and memory of comparing 10,000 and 50,000 accounts with the map, beside bare list calls
	@exec $(RUN) -m tests.benchmarks.bench_drift

bench-owner-sync: setup ## calls and time of reading 500 groups of 5,000 users, beside the least there can be
	@exec $(RUN) -m tests.benchmarks.bench_owner_sync

clean: ## remove .venv and everything else that was made here
	@rm -rf .venv .local .hypothesis .mypy_cache .pytest_cache .ruff_cache .ansible
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
