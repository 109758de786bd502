# The tasks of the project; each installs what it needs first (tools/setup, Debian 12).
BUILD := build
JOBS := $(shell nproc)
PHASE := tools/phase

.PHONY: help build test sanitize lint bench demo configure clean fuzz

help: ## print this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 14

configure:
	@$(PHASE) configure cmake -G Ninja -B $(BUILD) -DCMAKE_BUILD_TYPE=Release --log-level=WARNING .

build: ## build the fathom command (build/fathom)
	@$(PHASE) "install packages" tools/setup build
	@$(MAKE) --no-print-directory configure
	@$(PHASE) compile ninja -C $(BUILD) -j $(JOBS) fathom

test: ## build everything and run all tests
	@$(PHASE) "install packages" tools/setup test
	@$(PHASE) "fetch weights" tools/fetch_weights
	@$(PHASE) "fetch an oracle" tools/fetch_weights timm
	@$(MAKE) --no-print-directory configure
	@$(PHASE) compile ninja -C $(BUILD) -j $(JOBS)
	@tools/run_tests $(BUILD)

sanitize: ## run the tests with checks of addresses, undefined behaviour and data races
	@$(PHASE) "install packages" tools/setup test
	@$(PHASE) sanitize tools/sanitize

lint: ## check format, names, the map of rooms
	@$(PHASE) "install packages" tools/setup build lint
	@$(MAKE) --no-print-directory configure
	@$(PHASE) lint tools/lint

demo: build ## the main job on synthetic tissue with real ImageNet weights, in a few minutes
	@tools/demo

bench: build ## build and run the benchmarks
	@$(PHASE) benchmarks tools/run_benchmarks $(BUILD)

fuzz: ## fuzz the readers of untrusted files (FUZZ="SECONDS TARGET ...", 60 s of each by default)
	@$(PHASE) "install packages" tools/setup build fuzz
	@$(PHASE) fuzz tools/fuzz $(FUZZ)

clean: ## remove what was built and the demo's files
	rm -rf $(BUILD) demo
