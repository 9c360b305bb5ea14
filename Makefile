# `make demo` runs the app and `make test` every test; each makes its own environment in .venv/ first.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
STAMP := $(VENV)/.installed

.PHONY: demo test quick setup lint unit browser chromium bench fuzz audit release docs reference network-figures clean

demo: setup
	$(RUN) app.py

# Two workers; a file's tests stay together, for the networks that they share.
PYTEST := $(RUN) -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test: lint chromium
	$(PYTEST)

setup: $(STAMP)

$(STAMP): pyproject.toml requirements.txt requirements-dev.txt
	$(PYTHON) -c "import sys; sys.exit(not (3, 11, 4) <= sys.version_info < (3, 14) and 'NASNet Demo needs Python 3.11.4 to 3.13; try: make $(MAKECMDGOALS) PYTHON=python3.12')"
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt --editable .
	touch $@

lint: setup
	$(RUN) -m ruff format --check .
	$(RUN) -m ruff check .
	$(RUN) -m mypy

unit: setup
	$(PYTEST) --ignore tests/browser

# Lint, and the tests that need no TensorFlow and take seconds.
quick: lint
	$(RUN) -m pytest tests/test_files.py tests/test_house.py tests/test_packaging.py tests/diagrams tests/gallery \
	    tests/pictures tests/serving $(addprefix tests/network/test_,genotypes.py inventory.py notation.py topology.py)

browser: chromium
	$(PYTEST) tests/browser

chromium: setup
	$(RUN) tests/browser/find_chromium.py

bench: setup
	$(RUN) -m nasnet_demo bench

# Ten thousand damaged pictures, for the night; `make test` tries some of them.
fuzz: setup
	$(RUN) tools/fuzz.py

# Known holes in what a server installs. The advisories are asked for over the internet.
audit: setup
	$(VENV)/bin/uv tool run pip-audit --requirement requirements.txt

# In dist/: the wheel, and a bill of materials (CycloneDX) of what a server installs with it.
release: setup
	rm -rf dist
	$(VENV)/bin/uv build --wheel --quiet --out-dir dist
	$(VENV)/bin/uv venv --quiet --python $(RUN) dist/env
	$(RUN) -m pip --python dist/env install --quiet --disable-pip-version-check --requirement requirements.txt
	$(VENV)/bin/uv tool run --from cyclonedx-bom cyclonedx-py environment dist/env --pyproject pyproject.toml \
	    --output-reproducible --output-file dist/sbom.json
	rm -rf dist/env

# The site, in site/.
docs: setup reference
	NO_MKDOCS_2_WARNING=1 $(RUN) -m mkdocs build --strict --quiet

# The parts of the docs that are read off the program.
reference: setup
	$(RUN) tools/reference.py

# Everything here that depends on the bundled network: DATA is Tiny ImageNet's folder, PHOTOS one of photographs.
network-figures: chromium
	$(RUN) tools/network_figures.py $(DATA) $(PHOTOS) $(PARTS)

clean:
	rm -rf $(VENV) site .pytest_cache .mypy_cache .ruff_cache .hypothesis
