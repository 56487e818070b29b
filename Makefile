# framegate. `make run` and `make test` do all the set-up that they need.

PAGE := gateway/page/built/index.html
PAGE_SOURCES := index.html Trunk.toml scripts/minify web/package-lock.json Cargo.toml Cargo.lock protocol/Cargo.toml web/Cargo.toml \
	$(shell find protocol/src web/src web/styles web/icon.svg -type f)
BINARY := target/release/framegate
STATIC := $(shell uname -m)-unknown-linux-musl
WASM := --locked --target wasm32-unknown-unknown -p framegate-protocol -p web

help: ## Show what there is
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 8

run: build ## Build everything and serve it; Ctrl-C ends it
	@exec $(BINARY)

build: page ## Build the gateway with the page inside: target/release/framegate
	cargo build --release --locked

page: $(PAGE) ## Build the page alone, for the next build of the gateway

$(PAGE): $(PAGE_SOURCES)
	@scripts/setup page
	scripts/for-page trunk build --release --locked --dist $(@D)
	@touch $@

dev: ## Serve the page with live reload, and a gateway behind it
	@scripts/setup page
	scripts/dev

test: lint build ## Run every test, the browser's too
	cargo test --locked --workspace
	FRAMEGATE_BIN=$(abspath $(BINARY)) scripts/browser-tests
	@$(MAKE) fuzz FUZZ_SECONDS=10

lint: ## Check formatting, structure, lints, docs, crates, and what has to compile for WebAssembly
	@scripts/setup page
	@scripts/setup test
	@scripts/setup audit
	scripts/structure --self-test
	scripts/structure check
	cargo fmt --all --check
	cargo fmt --manifest-path tools/fuzz/Cargo.toml --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	scripts/for-page cargo build --profile web $(WASM)
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --document-private-items
	@! cargo tree --locked -p framegate-protocol -e normal | grep tokio || { echo "protocol depends on tokio"; false; }
	scripts/audit

audit: ## Check the crates that framegate is made of: licences, duplicates, sources, known faults
	@scripts/setup audit
	scripts/audit
	scripts/audit faults

# Bridges that others have made; tools/bench/peers puts them there.
PEERS := $(CURDIR)/target/peers/bin
bench: ## Measure framegate beside others that do the same work: ARGS="--help" has the options
	cargo build --release --locked -p framegate -p bench
	@PATH="$(PEERS):$$PATH" cargo run --quiet --release --locked -p bench -- $(ARGS)

microbench: ## Measure the framing, and the page's state
	cargo bench --locked -p framegate-protocol --bench framing -- $(ARGS)
	cargo bench --locked -p web --bench log -- $(ARGS)

instructions: ## Count the instructions for a message, and fail on a rise: ARGS="--record" writes them anew
	@scripts/setup instructions
	cargo build --release --locked -p framegate
	scripts/instructions $(ARGS)

SECONDS ?= 30
soak: ## Work 2,000 sessions for SECONDS, twice, and see that all they took is given back
	cargo bench --locked -p framegate --bench soak -- $(SECONDS)

cluster-test: build ## Replace and kill gateways behind HAProxy, and see that nothing is lost: ARGS="rolling"
	@scripts/setup cluster
	@PATH="$$PATH:/usr/sbin" cargo run --quiet --locked -p cluster -- $(ARGS)

FUZZ_SECONDS ?= 60
fuzz: ## Fuzz each target for FUZZ_SECONDS
	@scripts/setup fuzz
	scripts/fuzz $(FUZZ_SECONDS)

deb: build ## Make a Debian package, with systemd units, manual and completions: target/debian/
	@scripts/setup deb
	scripts/package deb

static: page ## Build a static binary, for any Linux of this architecture
	@scripts/setup static
	cargo build --release --locked -p framegate --target $(STATIC)

tarball: static ## Make an archive of the static binary, manual and completions: target/tarball/
	scripts/package tarball target/$(STATIC)/release

image: static ## Make a container image of the static binary: framegate:VERSION
	@scripts/setup image
	scripts/package image target/$(STATIC)/release

crate: page ## Make the crates that can be published, and try them: target/package/
	scripts/package crate

clean: ## Remove all that was built
	cargo clean
	rm -rf $(dir $(PAGE)) dist tools/fuzz/target tools/fuzz/corpus

.PHONY: help run build page dev test lint audit bench microbench instructions soak cluster-test fuzz deb static tarball image crate clean
