package eval

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
)

// framework is what sites made with the same software share: its files, its skeleton and its notices.
type framework struct {
	name                   string
	head, open, card, foot string // open and card take title and text; the rest is alike on every site
	notice                 string
}

var frameworks = [...]framework{
	{"bootstrap",
		`<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/css/bootstrap.min.css"><link rel="stylesheet" href="/css/style.css"><script src="/js/jquery.min.js"></script><script src="/js/bootstrap.bundle.min.js"></script>`,
		`<nav class="navbar navbar-expand-lg"><div class="container"><a class="navbar-brand" href="/">%s</a><ul class="navbar-nav"><li class="nav-item"><a class="nav-link" href="/features.html">Features</a></li><li class="nav-item"><a class="nav-link" href="/download.html">Download</a></li><li class="nav-item"><a class="nav-link" href="/contact.html">Contact</a></li></ul></div></nav><div class="container"><div class="jumbotron"><p class="lead">%s</p></div><div class="row">`,
		`<div class="col-md-4"><div class="card"><div class="card-body"><h5 class="card-title">%s</h5><p class="card-text">%s</p></div></div></div>`,
		`</div></div><footer class="footer"><div class="container">`,
		`All rights reserved. Privacy policy and terms of service. We use cookies to improve your experience on our website. Follow us on social media.</div></footer>`},
	{"wordpress",
		`<meta name="generator" content="WordPress 6.4"><link rel="stylesheet" href="/wp-content/themes/astra/assets/css/minified/main.min.css"><link rel="stylesheet" href="/wp-includes/css/dist/block-library/style.min.css"><script src="/wp-includes/js/jquery/jquery.min.js"></script><script src="/wp-content/plugins/elementor/assets/js/frontend.min.js"></script>`,
		`<div id="page" class="hfeed site"><header id="masthead" class="site-header"><h1 class="site-title"><a href="/">%s</a></h1><nav id="site-navigation"><ul id="primary-menu" class="menu"><li class="menu-item"><a href="/about/">About</a></li><li class="menu-item"><a href="/blog/">Blog</a></li></ul></nav></header><main id="main" class="site-main"><p class="intro">%s</p>`,
		`<article class="ast-article-post"><header class="entry-header"><h2 class="entry-title">%s</h2></header><div class="entry-content"><p>%s</p></div></article>`,
		`</main><footer id="colophon" class="site-footer">`,
		`Proudly powered by WordPress. Theme by Astra. Leave a comment. Your email address will not be published. Required fields are marked. Recent posts, recent comments, archives, categories.</footer></div>`},
	{"hugo documentation",
		`<meta name="generator" content="Hugo 0.111"><link rel="stylesheet" href="/scss/main.min.css"><script src="/js/prism.js"></script><script src="/js/main.js"></script>`,
		`<header><nav class="td-navbar"><a class="navbar-brand" href="/">%s</a></nav></header><div class="td-outer"><main class="td-main"><div class="td-content"><p class="lead">%s</p>`,
		`<h2 id="part">%s</h2><p>%s</p><pre><code>make install</code></pre>`,
		`</div></main></div><footer class="td-footer">`,
		`Edit this page. Create child page. Create documentation issue. Create project issue. Print entire section. Last modified. Was this page helpful? Yes No</footer>`},
	{"plain tables",
		`<link rel="stylesheet" type="text/css" href="style.css">`,
		`<table width="800" align="center"><tr><td class="head"><h1>%s</h1></td></tr><tr><td class="body"><p>%s</p>`,
		`<table class="box"><tr><td><b>%s</b></td></tr><tr><td>%s</td></tr></table>`,
		`</td></tr><tr><td class="foot"><font size="1">`,
		`Copyright. Best viewed with any browser. Send questions about this web site to the webmaster.</font></td></tr></table>`},
	{"tailwind",
		`<link rel="stylesheet" href="/assets/tailwind.min.css"><script defer src="/assets/alpine.min.js"></script>`,
		`<div class="min-h-screen"><header class="flex"><span class="font-bold">%s</span><nav class="hidden"><a class="px-4" href="/pricing">Pricing</a><a class="px-4" href="/login">Sign in</a></nav></header><section class="mx-auto"><p class="text-xl">%s</p><div class="grid">`,
		`<div class="rounded-lg"><dt class="text-lg">%s</dt><dd class="mt-2">%s</dd></div>`,
		`</div></section><footer class="bg-gray-900"><p class="text-sm">`,
		`Start your free trial today. No credit card required. Cancel any time. Trusted by teams all over the world. Subscribe to our newsletter.</p></footer></div>`},
}

// phrases are what vendors of any field say of their products; %s is the product.
var phrases = [...]string{
	"%s is easy to install and runs on Windows, macOS and Linux", "download the latest version of %s for free", "thousands of customers trust %s every day",
	"with %s you save time and money", "our support team answers within one working day", "the new release brings many improvements and bug fixes",
	"%s works with all common file formats", "try %s free for thirty days", "all your data stays on your own computer", "system requirements: 4 GB of memory and 200 MB of disk space",
	"read the manual to learn more about %s", "join the community and share your experience with %s", "the user interface of %s is available in twenty languages",
	"keep your software up to date", "%s is developed by a small team of experts", "for commercial use a licence is required", "see the list of changes in this version",
	"contact our sales team for a quote", "the portable edition of %s needs no installation", "import your old projects with one click",
}

// site is a page and the files that it loads.
type site struct {
	name, generator, url string
	html                 []byte
	file                 func(link string) []byte // nil when there is none
}

// madeSite is a site of framework k for the product that seed makes up. Its own words, pictures and links are its own;
// all else is what the framework brings, and a third of the sentences is what everybody says.
func madeSite(k int, seed uint64) site {
	r := rand.New(rand.NewPCG(seed, uint64(k)))
	word := func() string {
		var b strings.Builder
		for range 2 + r.IntN(3) {
			b.WriteByte("bcdfghklmnprstvz"[r.IntN(16)])
			b.WriteByte("aeiou"[r.IntN(5)])
		}
		return b.String()
	}
	some := func(n int) string {
		w := make([]string, n)
		for i := range w {
			w[i] = word()
		}
		return strings.Join(w, " ")
	}
	f, product := frameworks[k], strings.ToTitle(word())
	say := func() string {
		if p := phrases[r.IntN(len(phrases))]; strings.Contains(p, "%s") {
			return fmt.Sprintf(p, product)
		} else {
			return p
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>%s: %s</title>\n%s</head>\n<body>\n", product, some(3), f.head)
	fmt.Fprintf(&b, f.open+"\n", product, say()+". "+some(12)+".")
	fmt.Fprintf(&b, "<img src=\"/img/logo.png\" alt=\"\"><img src=\"/img/%s-screen.png\" alt=\"%s\">\n", word(), product)
	for range 6 + r.IntN(8) {
		fmt.Fprintf(&b, f.card+"\n", some(2), say()+". "+some(25)+". "+say()+".")
		fmt.Fprintf(&b, "<a href=\"/%s/%s.html\">Read more</a> <img src=\"/img/%s.jpg\">\n", word(), word(), word())
	}
	fmt.Fprintf(&b, "<a href=\"/files/%s-setup.exe\">Download</a>%s%s\n<script>window.site = {id: %q, started: true};</script></body></html>\n", word(), f.foot, f.notice, word())
	return site{
		name: product, generator: f.name, url: "https://www." + strings.ToLower(product) + ".example/", html: []byte(b.String()),
		file: func(link string) []byte { return madeFile(seed, link) },
	}
}

// madeFile is what stands under a link of a made site: the same bytes each time.
func madeFile(seed uint64, link string) []byte {
	h := fnv.New64a()
	h.Write([]byte(link))
	r := rand.New(rand.NewPCG(seed, h.Sum64()))
	b := make([]byte, 400)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}
