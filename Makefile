# Everything runs from a bare Debian or Ubuntu: `make demo` brings what it needs.
# The Python environment is made by deploy/local/environment.sh, which prints where uv is.

export PYTHONUNBUFFERED := 1
unexport VIRTUAL_ENV
SHELL := /bin/sh
JOBS ?= 2
RUN = uv=$$(deploy/local/environment.sh) && "$$uv" run --no-sync

.DEFAULT_GOAL := help
.PHONY: help environment demo up down logs test lint screenshots bench faults

help: ## Show what there is
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

environment: ## Make the Python environment and nothing else
	@deploy/local/environment.sh >/dev/null

demo: ## Start everything, play the Barda seminar, print what each phone received
	@$(RUN) qayidis demo

up: ## Start all that is not running; return when every service is ready
	@$(RUN) qayidis up

down: ## Stop what up or demo started, and nothing else
	@$(RUN) qayidis down

logs: ## Print the last lines of every log (NAME=events for one, FOLLOW=1 to go on)
	@$(RUN) qayidis logs $(NAME) $(if $(FOLLOW),--follow)

test: ## The whole suite on real Postgres and RabbitMQ (ARGS="-k seats" for a part)
	@$(RUN) pytest --numprocesses $(JOBS) --dist loadfile $(ARGS)

lint: ## ruff, mypy and the import rules
	@$(RUN) ruff check
	@$(RUN) ruff format --check
	@$(RUN) mypy
	@$(RUN) lint-imports

screenshots: ## Take the pictures of docs/desk anew, with a Chromium
	@$(RUN) python -m tests.browser.screenshots

bench: ## Measure the speed, as ratios, and print a table (ARGS="--short search" for a part)
	@$(RUN) python -m tests.bench $(ARGS)

faults: ## Do harm to a system under load, judge what is lost, and print a report (ARGS=--write keeps it)
	@$(RUN) python -m tests.faults $(ARGS)
