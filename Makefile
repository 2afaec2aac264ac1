# A thin front door: every target calls the package, no logic lives here.
PYTHON ?= python3
SERVE ?= 1
COMPILE = .venv/bin/uv pip compile --universal --generate-hashes --no-annotate --no-header --python-version 3.11

.PHONY: demo test check lab sabotage site pack lock clean
.DEFAULT_GOAL := demo

# PostgreSQL embedded, backup and restore proven, the site built and served. No Docker, no root.
demo: .venv/ready
	.venv/bin/runbook demo $(if $(filter 0,$(SERVE)),--no-serve)

# JupyterLab with every runbook as a notebook, on the loopback (ENGINE=mysql for one alone, SANDBOX=embedded).
lab: .venv/ready
	.venv/bin/runbook lab $(if $(ENGINE),--engine $(ENGINE)) $(if $(SANDBOX),--sandbox $(SANDBOX))

# Everything, with real PostgreSQL and MySQL in containers.
test: .venv/ready
	.venv/bin/runbook test

# Style, types and the tests that need no container.
check: .venv/ready
	.venv/bin/runbook test --quick

# Every sabotage of every runbook, which takes hours; `make test` runs a sample.
sabotage: .venv/ready
	.venv/bin/runbook sabotage --anew

site: .venv/ready
	NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict

# What is read without a network, in dist/: the site as a zip, and a PDF of each runbook and of the whole manual.
pack: .venv/ready
	.venv/bin/runbook pack

# Pins anew what pyproject.toml allows: hashes, no addresses.
lock: .venv/ready
	$(COMPILE) --group dev pyproject.toml --output-file requirements.lock
	$(COMPILE) --group lab --constraint requirements.lock pyproject.toml --output-file toolbox/manual.txt

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --no-compile --no-deps --only-binary :all: --require-hashes --requirement requirements.lock
	.venv/bin/pip install --quiet --no-deps --no-build-isolation --editable .
	touch .venv/ready

clean:
	rm -rf .venv site dist .coverage* .pytest_cache .mypy_cache .ruff_cache
