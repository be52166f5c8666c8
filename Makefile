.DEFAULT_GOAL := help
.PHONY: help run test check deep storm lock fmt messages install
.DELETE_ON_ERROR:
SHELL := /bin/sh
PY := .venv/bin/python
WITH := $(PY) -m local.with_servers
SEED ?= 1
CATALOGS := $(wildcard */locale/*/LC_MESSAGES/django.po)

help:
	@echo 'make run    启动整个系统（http://127.0.0.1:8000，PORT= 可改）'
	@echo 'make test   快速测试（ARGS= 传给 pytest）      make check  格式、类型、依赖约束、迁移、接口文档'
	@echo 'make deep   长测试                             make storm SEED=n  故障演练'
	@echo 'make lock [UP=--upgrade]  锁定依赖'

# Modes of files must let PostgreSQL's user read the wheels, whatever the caller's umask.
.venv/done: requirements/uv.txt requirements/dev.txt
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo '需要 Python 3.11 或更新版本'; exit 1; }
	@python3 -c 'import ensurepip, venv' || { echo '缺少 venv：请先安装，例如 apt-get install python3-venv'; exit 1; }
	@echo '准备 Python 环境 …'
	@umask 022; test -x $(PY) || python3 -m venv .venv
	@umask 022; $(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@umask 022; $(PY) -m uv pip sync -q --require-hashes --compile-bytecode --python $(PY) requirements/dev.txt
	@touch $@

# What pages load; tests need more (and `npm ci` begins by emptying the folder, hence two stamps).
node_modules/done: package.json package-lock.json .npmrc .venv/done
	@$(PY) -m local.node ci --omit=dev --loglevel=error
	@touch $@

node_modules/tests: package.json package-lock.json .npmrc .venv/done
	@$(PY) -m local.node ci --loglevel=error
	@touch $@ node_modules/done

.venv/messages: $(CATALOGS) .venv/done
	@for catalog in $(CATALOGS); do .venv/bin/pybabel -q compile -i $$catalog -o $${catalog%.po}.mo || exit 1; done
	@touch $@

run: .venv/done node_modules/done .venv/messages
	@exec $(PY) -m local.run

install: .venv/done node_modules/tests .venv/messages

test: install
	$(PY) -m pytest -n 2 -m "not deep and not storm" $(ARGS)

check: install
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(WITH) sh -ec '$(PY) manage.py check; $(PY) manage.py makemigrations --check --dry-run; $(PY) manage.py spectacular --fail-on-warn --validate --file /dev/null'
	$(PY) -m pytest tests/architecture/test_packaging.py

deep: install
	$(PY) -m pytest -n 2 -m deep $(ARGS)

storm: install
	$(WITH) $(PY) -m tests.storm --seed $(SEED)
	$(WITH) $(PY) -m tests.storm_flood
	$(WITH) $(PY) -m tests.storm_ledger --seed $(SEED)

fmt: .venv/done
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

# Collects each app's texts into its own catalog (history's into the portal's, which shows them) and keeps the translations.
# Without a head pybabel takes a catalog for fuzzy and compiles nothing; with its own head it would write the time into each.
messages: .venv/done
	@for catalog in $(CATALOGS); do app=$${catalog%%/*}; \
	  PYTHONPATH=. .venv/bin/pybabel -q extract -F common/locale/babel.cfg -k gettext_lazy -k pgettext_lazy:1c,2 -k trans \
	    --no-location --omit-header -o .venv/$$app.pot $$app $$(test $$app != portal || echo history) && \
	  .venv/bin/pybabel -q update -i .venv/$$app.pot -o $$catalog -l en --omit-header --no-wrap --no-fuzzy-matching --ignore-obsolete && \
	  cat common/locale/head.po $$catalog > .venv/$$app.po && cp .venv/$$app.po $$catalog || exit 1; done

COMPILE := $(PY) -m uv pip compile -q pyproject.toml --universal --python-version 3.11 \
           --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate

# Keeps the present versions; `make lock UP=--upgrade` moves them. The lock of uv itself is cut out of the larger one.
lock: .venv/done
	$(COMPILE) $(UP) --group local --group dev -o requirements/dev.txt
	$(COMPILE) --constraint requirements/dev.txt -o requirements/base.txt
	sed -n '/^uv==/,/^[a-z]/{/^uv==/p;/^ /p;}' requirements/dev.txt > requirements/uv.txt
	$(PY) -m local.node $(if $(UP),update,install) --package-lock-only
