// Package browser looks at hostile pages with a real one, headless Chromium,
// and brings back a picture and the page as scripts left it. The browser runs
// in its own sandbox, as a user who owns nothing, and leaves by an
// egress.Browser only; without a sandbox nothing is looked at. It judges
// nothing, fills in no form and sends no credentials.
package browser
