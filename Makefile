# `make run` and `make test` are all there is to know: each brings along what it needs,
# into .venv/, frontend/node_modules/ and var/, and nothing else is touched.

PORT ?= 8000
HOST ?= 127.0.0.1
DATA_DIR ?= var
# The first Python that is new enough; when none is, docker/install.py says so.
PYTHON ?= $(firstword $(foreach python,python3 python3.14 python3.13 python3.12 python3.11,\
	$(shell $(python) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $(python))) python3)
export PORT HOST DATA_DIR

.PHONY: help run test lint benchmark lock words clean

help:
	@echo "make run    set up what is missing and start the app on http://$(HOST):$(PORT)"
	@echo "make test   set up what is missing and run every check and test"
	@echo "make lint   only the checks that take seconds: ruff, import rules, types"
	@echo "make benchmark  measure everything anew, for docs/performance.md (an hour)"
	@echo "make lock   pin the dependencies of pyproject.toml again, with hashes"
	@echo "make words  collect the words to translate and compile them (docs/translating.md)"
	@echo "make clean  remove what was built; keeps $(DATA_DIR)/, which holds your data"
	@echo "Choose another port with PORT=8001, another address with HOST=0.0.0.0."

run:
	@exec $(PYTHON) docker/install.py run

test:
	@exec $(PYTHON) docker/install.py test

lint:
	@exec $(PYTHON) docker/install.py lint

# After `make test`, which sets up what this needs. QUICK=--quick takes minutes and writes nothing.
WRITE = $(if $(QUICK),,--write)
MEASURE = SPPNET_ENGINE=auto PYTHONPATH=docker $(PYTHON_HERE) -W ignore -m

benchmark:
	$(MEASURE) ml.sppnet benchmark --checkpoint ml/starter/sppnet_click.safetensors \
		--data annotations/demo $(QUICK) $(if $(QUICK),,--compiled --write docs/performance.md)
	$(MEASURE) tests.load.clicks $(QUICK) $(WRITE)
	$(MEASURE) tests.bench.instant $(QUICK) $(WRITE)
	$(if $(QUICK),,$(MEASURE) tests.bench.training $(WRITE))
	$(if $(QUICK),,$(MEASURE) tests.bench.canvas $(WRITE))

lock:
	uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes \
		--no-header -o requirements.txt
	uv pip compile -q pyproject.toml --extra test --extra study --universal --python-version 3.11 \
		--generate-hashes --no-header -c requirements.txt -o tests/requirements.txt

LOCALE ?= de
MESSAGES = $(PYTHON_HERE) manage.py makemessages -l $(LOCALE) --no-location --no-obsolete --no-wrap \
	-i .venv -i var -i ml -i tests -i docs -i node_modules -i dist
PYTHON_HERE = .venv/bin/python

words:
	$(MESSAGES) -d django -i frontend
	$(MESSAGES) -d djangojs -e js
	$(PYTHON_HERE) manage.py compilemessages -l $(LOCALE) -i .venv -i node_modules

clean:
	rm -rf .venv frontend/node_modules frontend/dist .pytest_cache .mypy_cache .ruff_cache \
		.import_linter_cache .hypothesis test-results
