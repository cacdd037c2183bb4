# The commands of the book. `make` alone lists them.

# What made the environment keeps it, wherever it is.
PYTHON ?= $(or $(wildcard $(shell sed -n 's/^executable = //p' .venv/pyvenv.cfg 2> /dev/null)),python3.11)
BIN := .venv/bin
READY := environment
PEERS := .venv-peers
TOOLS := .venv-tools
PARALLEL := --numprocesses auto --dist loadfile
SCRIPT := PYTHONPATH=scripts $(BIN)/python -m
TALK := PYTHONPATH=scripts:book/_ext $(BIN)/python -m
DICTIONARIES := -D - -D scripts/words.txt

export OMP_NUM_THREADS := 1

# Another index for torch alone: the CPU build, which is a tenth in size, as PyTorch's
# installation page names it. Who wants it elsewhere says so (README).
TORCH_INDEX ?= $(if $(GITHUB_ACTIONS),https://download.pytorch.org/whl/cpu)
export TORCH_INDEX

.DEFAULT_GOAL := help
.PHONY: help book book-real pdf epub notebooks test check fix serve chapter findings accept \
        release twice reproduce mutants fuzz bench peers audit talk check-deck frameworks lock sbom \
        advisories clean \
        environment settings format-and-lint types spelling chapters finished links browser epubcheck

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

book: $(READY) settings ## build the site into _build/html; the first time, install everything
	@$(BIN)/jupyter-book build .

book-real: $(READY) settings ## build the site on the real data in FOIBLE_DATA, into _build/real
	@test -d "$(FOIBLE_DATA)" || { \
		echo "the real data sets are not here; say which folder holds them:"; \
		echo "  FOIBLE_DATA=/path/to/data make book-real"; \
		echo "with FOIBLE_DOWNLOAD=1 besides, what is missing there is fetched"; \
		exit 1; }
	@$(BIN)/jupyter-book build . --path-output _build/real

pdf: $(READY) browser ## print the last site into one PDF, in _build
	@$(SCRIPT) bind pdf

epub: $(READY) epubcheck ## bind the last site into one EPUB, in _build
	@$(SCRIPT) bind epub

notebooks: $(READY) ## run every notebook of the last site where nothing is installed
	@$(BIN)/python scripts/run_notebooks.py

test: format-and-lint types spelling finished browser ## everything that CI runs: about 10 minutes
	@echo "all tests, among them builds of the book and its pages in a browser"
	@$(BIN)/python -m pytest $(PARALLEL)
	@$(SCRIPT) lint.check_site

check: format-and-lint types spelling chapters links ## the fast half, before each commit
	@$(BIN)/python -m pytest -q -m "not slow" $(PARALLEL)

fix: $(READY) ## mend what needs no thought: format, lint, spelling, lines of prose
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(SCRIPT) lint.fix_prose
	@$(BIN)/codespell $(DICTIONARIES) --write-changes --quiet-level 3 book

serve: $(READY) settings ## show the book in a browser, and build it again at each edit
	@$(BIN)/python scripts/serve.py $(PORT)

chapter: $(READY) ## begin a chapter: make chapter PART=attacks NAME=evasion
	@$(BIN)/python scripts/new_chapter.py "$(PART)" "$(NAME)"

findings: $(READY) ## list the findings that the last build moved
	@$(BIN)/python book/_ext findings

accept: findings ## accept the findings of the last build as the expected ones
	@cp _build/html/findings.json book/findings.json

release: $(READY) ## write a release: make release VERSION=2026.12; you commit and tag it
	@$(BIN)/python scripts/release.py "$(VERSION)"

twice: $(READY) ## run the chapters again: do they show a clock? OLD=folder: the changed ones
	@$(TALK) twice $(OLD)

reproduce: $(READY) ## build the book twice from nothing, and compare every file
	@$(BIN)/python scripts/reproduce.py

mutants: $(READY) ## break the package in 105 small ways: do findings and tests notice?
	@$(SCRIPT) mutants $(if $(ROOMS),--rooms $(ROOMS)) $(if $(NUMBER),--number $(NUMBER))

fuzz: $(READY) ## give 10,000 odd files to the loaders that promise to run nothing
	@$(BIN)/python -W ignore scripts/fuzz.py

bench: $(READY) $(PEERS)/.installed ## measure what the docs claim of speed
	@$(SCRIPT) bench.many
	@PYTHONPATH=scripts:tests $(BIN)/python -m bench.checkup
	@$(SCRIPT) bench_many
	@PYTHONPATH=scripts $(PEERS)/bin/python -W ignore -m bench.pgd
	@$(SCRIPT) bench.build
	@$(SCRIPT) bench.drafts

peers: $(PEERS)/.installed ## compare with other people's attacks, FAMILIES=evasion or all
	@TQDM_DISABLE=1 PYTHONPATH=scripts $(PEERS)/bin/python -W ignore -m peers $(FAMILIES)

audit: $(READY) .node/.installed browser ## ask Lighthouse about every page, as on a slow phone
	@$(SCRIPT) audit $(PAGES)

talk: $(READY) ## cut a talk: make talk MINUTES=20 CHAPTERS="supply_chain backdoor"
	@$(TALK) talk "$(MINUTES)" "$(CHAPTERS)"

check-deck: $(READY) ## which numbers of a deck have moved: make check-deck FILE=talk.pptx
	@$(TALK) talk.checking "$(FILE)"

frameworks: $(READY) ## what MITRE and OWASP changed since book/frameworks was written
	@$(BIN)/python scripts/frameworks.py $(NEWEST) $(if $(REPORT),--report $(REPORT))

lock: $(TOOLS)/.installed ## write the versions and digests of all that is needed
	@$(TOOLS)/bin/python scripts/lock.py

sbom: $(TOOLS)/.installed ## list every locked package with its digests, as CycloneDX, in _build
	@mkdir -p _build
	@$(TOOLS)/bin/python -W ignore -m cyclonedx_py requirements constraints.txt \
		--pyproject pyproject.toml --output-reproducible -o _build/sbom.cdx.json

advisories: $(TOOLS)/.installed ## which of the versions that we pin are known to be vulnerable
	@$(TOOLS)/bin/python scripts/advisories.py $(if $(REPORT),--report $(REPORT))

clean: ## remove what was built, and the outputs of the chapters with it
	@rm -rf _build

# Before anything runs: one line for what cannot be built.
settings: $(READY)
	@$(BIN)/python book/_ext settings

format-and-lint: $(READY)
	@$(BIN)/ruff format --check --quiet . \
		|| { echo "some files are not formatted: run 'make fix'"; exit 1; }
	@$(BIN)/ruff check --quiet .

types: $(READY)
	@$(BIN)/mypy --no-error-summary

spelling: $(READY)
	@$(BIN)/codespell $(DICTIONARIES)

chapters: $(READY) settings
	@$(SCRIPT) lint.check_book

# Of the site as it was last built, if there is one.
links: $(READY)
	@$(SCRIPT) lint.check_site

# What is still to be written may be checked and read, but not merged.
finished: $(READY)
	@$(SCRIPT) lint.check_book --finished

# The tests of the pages need a browser.
browser:
	@if command -v chromium > /dev/null; then \
		exit 0; \
	elif [ "$$(id -u)" = 0 ] && [ -e /etc/debian_version ]; then \
		echo "installing Debian's chromium"; \
		apt-get update -qq && apt-get install -y -qq chromium; \
	else \
		echo "the tests of the pages need a browser; on Debian:"; \
		echo "  sudo apt-get install chromium"; \
		exit 1; \
	fi

# An EPUB is good when this says so.
epubcheck:
	@test -e /usr/share/java/epubcheck.jar && command -v java > /dev/null || { \
		echo "an EPUB is checked by epubcheck, which is not here; on Debian:"; \
		echo "  sudo apt-get install epubcheck"; \
		exit 1; }

# Looked at each time: whole, of this lock and this Python, or else made anew.
$(READY):
	@command -v $(PYTHON) > /dev/null || { \
		echo "$(PYTHON) is not here; install Python 3.11, or say where it is:"; \
		echo "  make book PYTHON=/path/to/python3.11"; \
		exit 1; }
	@$(PYTHON) scripts/environment.py

$(TOOLS)/.installed: constraints-tools.txt
	@rm -rf $(TOOLS) && $(PYTHON) -m venv $(TOOLS)
	@echo "installing the tools that keep the installation in order into $(TOOLS)"
	@$(TOOLS)/bin/python -I -m pip install --quiet --disable-pip-version-check \
		--no-deps --require-hashes --only-binary :all: -r constraints-tools.txt
	@touch $@

# Lighthouse alone needs Node; it is not asked for by anything else here.
.node/.installed: scripts/audit/package.json scripts/audit/package-lock.json
	@command -v npm > /dev/null || { \
		echo "the audit needs Node 18 or later, and npm; on Debian:"; \
		echo "  sudo apt-get install nodejs npm"; \
		exit 1; }
	@mkdir -p .node && cp scripts/audit/package*.json .node
	@echo "installing Lighthouse and what it needs into .node"
	@cd .node && npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

# torchattacks wants a requests of 2020, which nothing else here can use; for attacks it
# needs none, so it comes without what it asks for.
$(PEERS)/.installed: requirements-peers.txt requirements.txt constraints.txt pyproject.toml
	@test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	@echo "installing the book's packages and its peers into $(PEERS)"
	@sed -n 's/^\([^ #]*==[^ ]*\).*/\1/p' constraints.txt > $(PEERS)/constraints.txt
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check \
		-c $(PEERS)/constraints.txt -e . -r requirements-peers.txt
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check \
		--no-deps torchattacks==3.5.1 imagecorruptions-imaug==1.1.5 frouros==0.9.0 \
		mdptoolbox-hiive==4.0.3.1
	@touch $@
