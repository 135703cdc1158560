# make run      install what is missing and start everything, with invented data
# make test     install what is missing and run every check
# Nothing here needs root, a database or Docker. PYTHON=… chooses an interpreter, PORT=… a port.

VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8320
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' \
	>/dev/null 2>&1 && { echo $$p; break; }; done)
STATIC := hotline/console/static/vendor
# The build reads templates and code as well: styles and icons nobody names are left out.
FRONTEND := $(shell find frontend hotline ivr workorders -name vendor -prune -o \
	\( -path 'frontend/*' -o -name '*.html' -o -name '*.py' \) -type f -print 2>/dev/null)

.PHONY: install run test lint bench clean
.DEFAULT_GOAL := help

.PHONY: help
help:
	@echo "make run      安装并启动（演示数据），PORT=8320    install and start, with invented data"
	@echo "make install  安装到 .venv                        install into .venv"
	@echo "make test     安装并运行全部检查                  install and run every check"
	@echo "make lint     ruff、mypy、import-linter           make bench    基准程序 benchmarks"
	@echo "make clean    删除安装和构建的文件（保留 var）    remove what was installed and built"

install: $(VENV)/.installed $(STATIC)/.built

$(VENV)/.installed: pyproject.toml
	@test -n "$(PYTHON)" || { echo "需要 Python 3.11 或更新的版本（含 venv）。Debian/Ubuntu：apt install python3 python3-venv"; \
		echo "Python 3.11 or newer with venv is needed; PYTHON=/path/to/python chooses one."; exit 1; }
	@test -x $(BIN)/python || { echo "正在建立 $(VENV)（$(PYTHON)）"; $(PYTHON) -m venv $(VENV); } || { \
		rm -rf $(VENV); echo "不能建立虚拟环境。Debian/Ubuntu：apt install python3-venv"; exit 1; }
	@echo "正在安装 Python 依赖，第一次约一分钟"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

# npm ci needs no network when nothing has changed, but takes seconds: hence two stamps.
node_modules/.installed: package-lock.json package.json scripts/npm $(VENV)/.installed
	@echo "正在安装前端依赖"
	@scripts/npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(STATIC)/.built: node_modules/.installed $(FRONTEND)
	@echo "正在构建前端"
	@scripts/npm run --silent build
	@mkdir -p $(@D) && touch $@

run: install
	@$(BIN)/hotline up --port $(PORT) $(ARGS)

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

test: install lint
	@scripts/npm test
	$(BIN)/python -m pytest -n 2 $(TESTS)

bench: install
	@for program in $(filter-out __%,$(notdir $(basename $(wildcard benchmarks/*.py)))); do \
		echo "== $$program"; $(BIN)/python -m benchmarks.$$program || exit 1; done

clean:
	rm -rf $(VENV) node_modules $(STATIC) build *.egg-info .pytest_cache .mypy_cache .ruff_cache \
		.hypothesis .import_linter_cache .coverage htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
