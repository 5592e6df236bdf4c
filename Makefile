# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later

PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready

.PHONY: setup demo local test clean
.DEFAULT_GOAL := help

setup: $(READY)

# The collection's own tree is linked to where Ansible and Python look for it, so that what is tested is what is edited.
$(READY): requirements-dev.txt Makefile
	@echo "setup: making $(VENV) (a minute or two the first time)"
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt
	@mkdir -p $(VENV)/collections/ansible_collections/account_factory
	@ln -sfn ../../../.. $(VENV)/collections/ansible_collections/account_factory/email
	@$(VENV)/bin/python -c 'import site, pathlib; pathlib.Path(site.getsitepackages()[0], "collection.pth").write_text(str(pathlib.Path("$(VENV)/collections").resolve()) + "\n")'
	@touch $@
