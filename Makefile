# Every target works on a fresh machine with Go.
GO ?= go
BENCHTIME ?= 1s
FUZZTIME ?= 30s

.PHONY: build test bench eval lint fuzz

build:
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/lurehound ./cmd/lurehound

test:
	$(GO) test ./...

# Hot paths: what each does in a second, and its ratio to reading lines in the same run. Then the built
# program beside wc, grep, rg and dnstwist; the list that they read needs LUREHOUND_CORPUS.
bench: build
	$(GO) test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) ./... | sh .ci/ratios
	@$(GO) run ./cmd/bench --lurehound bin/lurehound

# What is found, missed and falsely accused on real data; needs LUREHOUND_CORPUS. docs/eval.md explains the table.
# EVAL=--format=json, EVAL='--dump DIR' for the rows themselves.
eval:
	@$(GO) run ./cmd/eval $(EVAL)

lint:
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	test -z "$$(gofmt -l .)"

fuzz:
	GO=$(GO) FUZZTIME=$(FUZZTIME) sh .ci/fuzz
