# Two commands do everything on a fresh machine: `make demo` and `make test`.
# Both need cargo; `make datasets` needs npm, and without it the tests that ask for the full data
# are skipped with a word. Without Python 3.11 or Node.js 20 their packages are not tested, also with a
# word.

ASN_PACKAGE = @ip-location-db/asn@2.3.2026061719
ASN = datasets/full/asn

# How the packages are compiled: as they are shipped, or, in their tests, as they are tried. One target
# triple for both, so that what they share is compiled once.
PROFILE = release
HOST = $(shell rustc -vV | sed -n 's/^host: //p')

.PHONY: demo install test python pytest pytest-spark wheel installed stubs node node-project tarballs datasets browser nginx first-hour \
	campaign fuzz bench bench-python bench-node eval readme

# An index of the excerpt, and five addresses looked up in it.
demo:
	cargo build --profile quick --package firmtrie-cli
	target/quick/firmtrie build datasets/asn/asn-ipv4.csv datasets/asn/asn-ipv6.csv \
		--source ip-location-db/asn --basis "public routing table" --output companies.firm
	target/quick/firmtrie lookup companies.firm 1.179.161.1 1.229.202.1 145.12.0.1 1.1.1.1 10.0.0.1
	target/quick/firmtrie lookup companies.firm 1.179.161.1 --json
	@echo
	@echo "companies.firm is an index of a small excerpt. Next:"
	@echo "  target/quick/firmtrie lookup companies.firm ADDRESS...     ask it for other addresses"
	@echo "  make install                                              install the tool"
	@echo "  make wheel, make tarballs                                 make the Python and Node.js packages"
	@echo "  README.md, The first hour                                 put it on a site, sources of your own"

# The command line, where cargo puts programs, or under PREFIX.
install:
	cargo install --locked --path cli $(if $(PREFIX),--root $(PREFIX))

# Everything there is to test.
test:
	@if command -v npm >/dev/null; then $(MAKE) datasets || echo "The full data could not be fetched; its tests are skipped."; \
	else echo "npm is not installed, so the full data is not fetched and its tests are skipped."; fi
	@$(MAKE) --no-print-directory browser || echo "There is no browser; the pages are not read in one."
	cargo test --workspace --exclude firmtrie-python --exclude firmtrie-node --features firmtrie/columns
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target python node
	@$(MAKE) --no-print-directory first-hour

# The Python package: its wheel, installed into an environment of its own, and tested there.
VENV = target/python
python:
	@if python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		$(MAKE) --no-print-directory installed PROFILE=quick && \
		$(VENV)/bin/ruff format --check --quiet --config bindings/python/pyproject.toml bindings/python tests/first_hour && \
		$(VENV)/bin/ruff check --quiet --config bindings/python/pyproject.toml bindings/python tests/first_hour && \
		$(MAKE) --no-print-directory pytest pytest-spark; \
	else echo "Python 3.11 with venv is not installed, so the Python package is not tested."; fi

# Side by side: Spark begins many processes and waits for them.
pytest:
	$(VENV)/bin/python -m pytest bindings/python/tests --ignore bindings/python/tests/test_spark.py
pytest-spark:
	$(VENV)/bin/python -m pytest bindings/python/tests/test_spark.py

# What it is built, tested and compared with, in the versions that were tried.
$(VENV)/tools: bindings/python/requirements.txt
	python3 -m venv --clear $(VENV)
	$(VENV)/bin/pip install --quiet --requirement $<
	touch $@

wheel: $(VENV)/tools
	rm -rf target/wheels
	$(VENV)/bin/maturin build --quiet --profile $(PROFILE) --target $(HOST) --strip \
		--manifest-path bindings/python/Cargo.toml --out target/wheels

installed: wheel
	$(VENV)/bin/pip install --quiet --no-deps --force-reinstall target/wheels/firmtrie-*.whl

# Writes the types of the Python package's native module, from what it says of itself.
stubs: $(VENV)/tools
	PATH=$(CURDIR)/$(VENV)/bin:$$PATH python3 bindings/python/stubs.py
	$(VENV)/bin/ruff format --quiet bindings/python/python
	$(VENV)/bin/ruff check --quiet --fix --config bindings/python/pyproject.toml bindings/python/python

# The Node.js package: its tarballs, installed into an empty project, and tested there.
NODE_TOOLS = bindings/node/node_modules/.bin
NODE = target/node
node:
	@if node -e 'process.exit(+(parseInt(process.versions.node) < 20))' 2>/dev/null && command -v npm >/dev/null; then \
		$(MAKE) --no-print-directory node-project PROFILE=quick && cd $(NODE)/project && \
		FIRMTRIE_VECTORS=$(CURDIR)/tests/vectors node --expose-gc --test tests/; \
	else echo "Node.js 20 with npm is not installed, so the Node.js package is not tested."; fi

# An empty project into which the tarballs are installed; its parent has the tools of the tests.
node-project: tarballs
	rm -rf $(NODE)/project && mkdir -p $(NODE)/project
	ln -sfn $(CURDIR)/bindings/node/node_modules $(NODE)/node_modules
	echo '{"private": true}' > $(NODE)/project/package.json
	cd $(NODE)/project && npm install --silent --no-audit --no-fund ../tarballs/*.tgz
	cp -r bindings/node/tests $(NODE)/project/
	$(NODE_TOOLS)/tsc --project $(NODE)/project/tests
	$(NODE_TOOLS)/publint run $(NODE)/tarballs/firmtrie-[0-9]*.tgz --strict
	$(NODE_TOOLS)/attw $(NODE)/tarballs/firmtrie-[0-9]*.tgz --profile node16 --format ascii

# What it is built, tested and compared with, in the versions that were tried.
bindings/node/node_modules/.package-lock.json: bindings/node/package-lock.json
	cd bindings/node && npm ci --silent --no-audit --no-fund

tarballs: bindings/node/node_modules/.package-lock.json
	rm -rf bindings/node/dist
	cd bindings/node && node_modules/.bin/napi build --platform --profile $(PROFILE) --target $(HOST) --strip --output-dir dist \
		--js native.js --dts ../lib/native.d.ts
	cd bindings/node && node_modules/.bin/tsc
	node bindings/node/pack.mjs $(NODE)/tarballs

# What a new user does in the first hour, with what the two packages' tests have built, behind nginx.
first-hour:
	@if ! ls target/wheels/firmtrie-*.whl $(NODE)/tarballs/firmtrie-*.tgz >/dev/null 2>&1; then \
		echo "The packages are not there, so the first hour is not tried."; \
	elif ! $(MAKE) --no-print-directory nginx; then \
		echo "There is no nginx, so the first hour is not tried."; \
	else python3 tests/first_hour/run.py target/debug/firmtrie target/wheels/firmtrie-*.whl $(NODE)/tarballs/firmtrie-*.tgz; fi

# Debian's nginx, behind which sites are tried.
nginx:
	@command -v nginx >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends nginx >/dev/null; }

# Debian's chromium, in which answers to access requests are read.
browser:
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; }

# A million damaged indexes, where `make test` looks at 20,000.
campaign:
	FIRMTRIE_CAMPAIGN=1000000 cargo test --package firmtrie --features build,live --test damage -- --nocapture

# Every lookup beside its peers, compiled for any machine and for this one; half an hour on two cores,
# on which nothing else should run.
# Writes benches/RESULTS.md and benches/growth.svg.
bench: datasets
	rm -rf target/criterion target/native/criterion
	cargo bench --package firmtrie-benches
	CARGO_TARGET_DIR=$(CURDIR)/target/native RUSTFLAGS="-C target-cpu=native" \
		cargo bench --package firmtrie-benches --bench lookup
	cargo run --release --package firmtrie-benches --bin report target target/native
	$(MAKE) bench-python
	$(MAKE) bench-node

# The Python package beside maxminddb's C extension and polars-maxminddb, and on Spark; writes its parts
# of benches/RESULTS.md.
bench-python: datasets installed
	cargo run --release --package firmtrie-benches --bin same_data target/same
	$(VENV)/bin/python bindings/python/benches/lookup.py target/same/asn.firm target/same/asn.mmdb benches/RESULTS.md
	# It asks for an older Polars, and works with this one.
	$(VENV)/bin/pip install --quiet --no-deps maxminddb-polars==0.3.0
	$(VENV)/bin/python bindings/python/benches/columns.py target/same/asn.firm target/same/asn.mmdb \
		benches/RESULTS.md benches/columns.svg
	$(VENV)/bin/python bindings/python/benches/spark.py target/same/asn.firm benches/RESULTS.md

# The Node.js package beside maxmind's readers, and Fastify with and without its plugin; writes its part
# of benches/RESULTS.md.
bench-node: datasets node-project
	cargo run --release --package firmtrie-benches --bin same_data target/same
	cp -r bindings/node/benches $(NODE)/project/
	cd $(NODE)/project && node benches/lookup.mjs $(CURDIR)/target/same/asn.firm $(CURDIR)/target/same/asn.mmdb \
		$(CURDIR)/benches/RESULTS.md
	cd $(NODE)/project && node benches/http.mjs $(CURDIR)/target/same/asn.firm $(CURDIR)/benches/RESULTS.md

# How well the policy tells who is left out; writes benches/EVALUATION.md. Names of the half that it is
# tuned on, where it went wrong, go to the terminal with WRONG=1.
eval: datasets
	cargo run --release --package firmtrie-benches --bin eval $(if $(WRONG),wrong) > benches/EVALUATION.md.part
	mv benches/EVALUATION.md.part benches/EVALUATION.md

# What README, guides and the packages' READMEs show, as it is printed now.
readme: installed node-project
	FIRMTRIE_README=1 cargo test --package firmtrie-cli --test cli documents
	FIRMTRIE_README=1 $(VENV)/bin/python -m pytest -q bindings/python/tests/test_types.py -k readme
	cd $(NODE)/project && FIRMTRIE_README=$(CURDIR) FIRMTRIE_VECTORS=$(CURDIR)/tests/vectors \
		node --test tests/package.test.mjs

# Each fuzz target for so many seconds; needs `cargo install cargo-fuzz`. What it makes up on the way
# goes to fuzz/corpus. The switch lets the stable compiler instrument.
SECONDS = 60
fuzz:
	for target in index asn_csv own_formats registers client; do \
		mkdir -p fuzz/corpus/$$target && RUSTC_BOOTSTRAP=1 cargo fuzz run $$target \
			fuzz/corpus/$$target fuzz/seeds/$$target -- -max_total_time=$(SECONDS) || exit 1; done

# The full data, through npm, once.
datasets: $(ASN)/asn-ipv4.csv

# Made beside its place and moved there whole, so that what is there is never half a set.
$(ASN)/asn-ipv4.csv:
	rm -rf $(ASN) $(ASN).part
	mkdir -p $(ASN).part
	npm pack --silent --pack-destination $(ASN).part $(ASN_PACKAGE)
	tar -xzf $(ASN).part/*.tgz -C $(ASN).part --strip-components 1
	rm $(ASN).part/*.tgz
	mv $(ASN).part $(ASN)
