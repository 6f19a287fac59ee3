package browser

import (
	"strings"

	"lurehound/internal/egress"
)

// startFlags are what the browser is started with. What is off is off for every page; the sandbox never is.
func startFlags(as egress.Profile) []string {
	return append(dressFlags(as),
		"--headless", "--remote-debugging-pipe", "--no-startup-window", "--no-first-run", "--no-default-browser-check",
		// Names are looked up by whoever serves the proxy; without one nothing is reached. Each visit has a proxy of its own.
		"--proxy-server=http://no-visit.invalid:1", "--proxy-bypass-list=<-loopback>", "--host-resolver-rules=MAP * ^NOTFOUND , EXCLUDE 127.0.0.1",
		"--dns-prefetch-disable", "--disable-quic", "--force-webrtc-ip-handling-policy=disable_non_proxied_udp", "--webrtc-ip-handling-policy=disable_non_proxied_udp",
		// Of its own accord it asks nobody for anything.
		"--disable-background-networking", "--disable-component-update", "--disable-component-extensions-with-background-pages", "--disable-default-apps",
		"--disable-domain-reliability", "--disable-sync", "--disable-client-side-phishing-detection", "--no-pings", "--disable-breakpad", "--disable-crash-reporter",
		"--no-service-autorun", "--metrics-recording-only", "--disable-field-trial-config", "--disable-variations-seed-fetch",
		"--disable-extensions", "--disable-features="+strings.Join(featuresOff(), ","),
		// What a picture needs none of.
		"--disable-gpu", "--disable-software-rasterizer", "--disable-3d-apis", "--mute-audio", "--hide-scrollbars", "--disable-print-preview",
		"--disable-notifications", "--disable-speech-api", "--deny-permission-prompts", "--disable-external-intent-requests",
		"--password-store=basic", "--use-mock-keychain", "--autoplay-policy=user-gesture-required",
		// As a visitor's: this one would tell pages that it is driven.
		"--disable-blink-features=AutomationControlled",
		// A page's certificate is judged by the visit that came before; here it decides nothing.
		"--ignore-certificate-errors",
		"--js-flags=--max-old-space-size=512", "--disk-cache-size=1", "--force-color-profile=srgb", "--font-render-hinting=none", "--disable-hang-monitor",
		"--disable-prompt-on-repost", "--disable-dev-shm-usage",
		// Frames of other sites share their page's process, which is as shut in: in processes of their own they would not be dressed as the
		// visitor, and 40 of them would take a GiB. There is nothing in a visit that one site has to hide from another.
		"--disable-site-isolation-trials",
	)
}

// dressFlags are what no page can be told by itself: workers see it too.
func dressFlags(as egress.Profile) []string {
	flags := []string{"--user-agent=" + as.UserAgent}
	if l := languagesOf(as.AcceptLanguage); l != "" {
		flags = append(flags, "--accept-lang="+l)
	}
	return flags
}

// featuresOff are what would ask somebody for something, or look at the network around. WebRTC's is among them: it announces names to
// the local network.
func featuresOff() []string {
	return []string{
		"IsolateOrigins", "site-per-process", "ReduceAcceptLanguage", "ReduceAcceptLanguageHTTP", "OptimizationHints", "OptimizationGuideModelDownloading", "MediaRouter", "DialMediaRouteProvider", "Translate", "AutofillServerCommunication", "CertificateTransparencyComponentUpdater",
		"InterestFeedContentSuggestions", "Prerender2", "WebUSB", "WebBluetooth", "LocalNetworkAccessChecks", "WebRtcHideLocalIpsWithMdns", "ServiceWorkerAutoPreload",
		"HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable", "AsyncDns", "DnsOverHttps", "BackForwardCache", "GlobalMediaControls", "PaymentHandler", "WebOTP", "FedCm",
	}
}
