# Every target works on a fresh machine with Go.
GO ?= go
BENCHTIME ?= 1s
FUZZTIME ?= 30s

.PHONY: build test bench bench-dns eval lint fuzz

build:
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/lurehound ./cmd/lurehound

test:
	$(GO) test ./...

# Hot paths: what each does in a second, and its ratio to reading lines in the same run. Then the built
# program beside wc, grep, rg and dnstwist; the list that they read needs LUREHOUND_CORPUS.
bench: build
	$(GO) test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) ./... | sh .ci/ratios
	@$(GO) run ./cmd/bench --lurehound bin/lurehound

# The built program beside a plain miekg/dns loop, dnsperf and dnstwist, all asking the same name servers on this machine, and
# what it finds through a network that loses packets. Wants Debian's knot, unbound, dnsperf and dnstwist.
bench-dns: build
	@$(GO) run ./cmd/bench dns --lurehound bin/lurehound $(BENCHDNS)

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
