# framegate. Each target first installs the missing tools that it needs (scripts/setup).

PAGE := gateway/page/built/index.html
PAGE_SOURCES := index.html Trunk.toml scripts/minify scripts/shorten-wasm.mjs scripts/trap-panics.mjs scripts/wasm-reader.mjs scripts/split-japanese.mjs scripts/minify-inline.mjs web/package-lock.json Cargo.toml Cargo.lock protocol/Cargo.toml fields/Cargo.toml web/Cargo.toml web/core/Cargo.toml \
	$(shell find protocol/src fields/src web/core/src web/late web/src web/styles web/icon.svg -type f)
BINARY := target/release/framegate
STATIC := $(shell uname -m)-unknown-linux-musl
# As trunk builds both programs of the page.
WASM := build --locked --profile web --target wasm32-unknown-unknown

help: ## List the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

run: build ## Build everything and start the gateway; Ctrl-C stops it
	@exec $(BINARY)

build: ## Build the gateway with the page embedded: target/release/framegate
	@scripts/build

page: $(PAGE) ## Build only the page, for the next build of the gateway

$(PAGE): $(PAGE_SOURCES)
	@scripts/setup page
	scripts/for-page trunk build --release --locked --dist $(@D)
	@touch $@

dev: ## Serve the page with live reload, in front of a gateway
	@scripts/setup page
	scripts/dev

test: ## Run all checks and tests, including those in a browser
	@scripts/side-by-side "$(MAKE) --no-print-directory build" "$(MAKE) --no-print-directory check-code"
	@scripts/side-by-side "$(MAKE) --no-print-directory test-programs" "$(MAKE) --no-print-directory check-page check-dependencies test-tools"
	cargo test --locked --workspace
	cargo test --locked -p framegate --lib --features model-check model_check
	FRAMEGATE_BIN=$(abspath $(BINARY)) scripts/browser-tests
	FRAMEGATE_BIN=$(abspath $(BINARY)) scripts/client-tests
	cd tools/interop && FRAMEGATE_BIN=$(abspath $(BINARY)) npm test --silent
	scripts/fuzz 10

# Compiles what `make test` runs, while its tools are installed.
test-programs:
	cargo test --locked --workspace --no-run
	cargo test --locked -p framegate --lib --features model-check --no-run

test-tools:
	@scripts/setup test
	@scripts/setup interop
	@scripts/setup fuzz
	scripts/fuzz build

FOLDER ?= /tmp/framegate-screenshots
screenshots: build ## Take pictures of all states of the page in FOLDER; ARGS="webkit phone-dark" selects some
	@scripts/setup test
	FRAMEGATE_BIN=$(abspath $(BINARY)) node web/e2e/tour.mjs $(FOLDER) $(ARGS)

lint: check-code check-page check-dependencies ## Check formatting, structure, lints, docs, dependencies, and the build for WebAssembly

check-code:
	@scripts/setup lint
	scripts/structure --self-test
	scripts/structure check
	cargo fmt --all --check
	cargo fmt --manifest-path tools/fuzz/Cargo.toml --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --document-private-items

check-page:
	@scripts/setup page
	scripts/for-page cargo $(WASM) -p web --bin web
	scripts/for-page cargo $(WASM) -p web-late --bin late

check-dependencies:
	@scripts/setup audit
	@! cargo tree --locked -p framegate-protocol -e normal | grep tokio || { echo "protocol depends on tokio"; false; }
	@! cargo tree --locked -p framegate-fields -e normal --prefix none | grep -v '^framegate-fields ' || { echo "fields has dependencies"; false; }
	scripts/audit

audit: ## Check the dependencies: licences, duplicates, sources, known vulnerabilities
	@scripts/setup audit
	scripts/audit
	scripts/audit faults

# Third-party bridges, installed by tools/bench/peers.
PEERS := $(CURDIR)/target/peers/bin
bench: ## Benchmark framegate against other bridges and echo servers; ARGS="--help" lists the options
	cargo build --release --locked -p framegate -p bench
	@PATH="$(PEERS):$$PATH" cargo run --quiet --release --locked -p bench -- $(ARGS)

microbench: ## Benchmark the framing and the page's state
	cargo bench --locked -p framegate-protocol --bench framing -- $(ARGS)
	cargo bench --locked -p web-core --bench log -- $(ARGS)

instructions: ## Count the instructions for a message, and fail on a rise: ARGS="--record" writes them anew
	@scripts/setup instructions
	cargo build --release --locked -p framegate
	scripts/instructions $(ARGS)

fairness: ## Measure a client's latency beside floods by others: ARGS="--check" fails above 10 times its own
	cargo bench --locked -p framegate --bench fairness -- $(ARGS)

SECONDS ?= 30
resume: ## Measure 1,000 resumable sessions: memory, and the latency when all come back at once
	cargo bench --locked -p framegate --bench resume

soak: ## Load 2,000 sessions for SECONDS, twice, and check for leaks of memory and file descriptors
	cargo bench --locked -p framegate --bench soak -- $(SECONDS)

cluster-test: build ## Replace and kill gateways behind HAProxy, and check for lost messages; ARGS="rolling" selects scenarios
	@scripts/setup cluster
	@PATH="$$PATH:/usr/sbin" cargo run --quiet --locked -p cluster -- $(ARGS)

interop: ## Talk to real servers of public protocols through the gateway and by framegate send
	@scripts/setup interop
	cargo build --locked -p framegate
	@cd tools/interop && FRAMEGATE_BIN=$(abspath target/debug/framegate) npm test --silent

FUZZ_SECONDS ?= 60
fuzz: ## Run each fuzz target for FUZZ_SECONDS
	@scripts/setup fuzz
	scripts/fuzz $(FUZZ_SECONDS)

deb: build ## Build a Debian package with systemd units, manual pages and completions: target/debian/
	@scripts/setup deb
	scripts/package deb

systemd-test: deb ## Boot Debian in a container, install the package there, and restart, hang, reload and probe it (as root)
	@scripts/setup systemd
	@python3 -B tools/systemd-test .tools/systemd-test/root target/debian/framegate_*.deb

static: page ## Build a static binary for any Linux on this architecture
	@scripts/setup static
	cargo build --release --locked -p framegate --target $(STATIC)

tarball: static ## Build an archive of the static binary, manual pages and completions: target/tarball/
	scripts/package tarball target/$(STATIC)/release

image: static ## Build a container image of the static binary: framegate:VERSION
	@scripts/setup image
	scripts/package image target/$(STATIC)/release

image-test: image ## Run the image by podman or docker: health, privileges, stop
	scripts/image-test framegate:$$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)

aarch64-test: ## Build for 64-bit ARM, and run the tests under emulation, with few random cases
	@scripts/setup aarch64
	CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc \
	CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="qemu-aarch64-static -L /usr/aarch64-linux-gnu" PROPTEST_CASES=8 \
		cargo test --locked --target aarch64-unknown-linux-gnu --lib --bins \
		-p framegate-protocol -p framegate-net -p framegate-recording -p framegate-client -p framegate $(ARGS)

crate: page ## Package the crates for crates.io, and test the packages: target/package/
	scripts/package crate

clean: ## Remove all build output
	cargo clean
	rm -rf $(dir $(PAGE)) dist tools/fuzz/target tools/fuzz/corpus

.PHONY: help run build page dev test test-programs test-tools screenshots lint check-code check-page check-dependencies audit bench microbench instructions fairness resume soak cluster-test interop fuzz deb systemd-test static tarball image image-test aarch64-test crate clean
