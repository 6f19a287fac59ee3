package egress

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

// TestSecretsShowThemselvesNowhere prints a credential, and all that holds one, in every way that the program prints.
func TestSecretsShowThemselvesNowhere(t *testing.T) {
	const canary = "canary-7f3a"
	route := Route{Name: "us-1", Kind: SOCKS5, User: "hunter", Password: NewSecret(canary)}
	hidden := struct{ inner struct{ r Route } }{struct{ r Route }{route}} // fmt asks no method of unexported fields
	var out bytes.Buffer
	for _, v := range []any{route.Password, &route.Password, route, &route, hidden, &hidden, []Route{route}, map[string]Secret{"a": route.Password},
		map[Secret]int{route.Password: 1}, Config{Routes: []Route{route}}, New(Config{Routes: []Route{route}}), *New(Config{Routes: []Route{route}})} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		fmt.Fprintln(&out, v)
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v)
		if b, err := json.Marshal(v); err == nil {
			out.Write(b)
		}
	}
	if err := toml.NewEncoder(&out).Encode(struct{ R []Route }{[]Route{route}}); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, bad := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary), fmt.Sprintf("%d", []byte(canary))} {
		if strings.Contains(text, bad) {
			t.Errorf("%q is in what was printed", bad)
		}
	}
	if n := strings.Count(text, redacted); n < 80 {
		t.Errorf("%s is printed %d times only: the test looks at nothing", redacted, n)
	}
	if route.Password.reveal() != canary {
		t.Error("the proxy would be told something else")
	}
}

func TestReadSecret(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string, mode os.FileMode) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(p, mode); err != nil {
			t.Fatal(err)
		}
		return p
	}
	env := func(name string) (string, bool) { return "from-env", name == "PROXY_PASSWORD" }
	for ref, want := range map[string]string{
		"env:PROXY_PASSWORD":                      "from-env",
		"file:" + file("plain", "p w", 0o600):     "p w",
		"file:" + file("line", "pw\n", 0o400):     "pw",
		"file:" + file("crlf", "pw:x\r\n", 0o600): "pw:x",
	} {
		got, err := ReadSecret(ref, env)
		if err != nil || got.reveal() != want {
			t.Errorf("%s: %q, %v", ref, got.reveal(), err)
		}
	}
	for _, c := range []struct{ ref, says string }{
		{"hunter2-typed", "env:NAME or file:PATH"},
		{"", "env:NAME or file:PATH"},
		{"env:", "env:NAME or file:PATH"},
		{"pass:hunter2-typed", "env:NAME or file:PATH"},
		{"env:NOT_SET", "set it"},
		{"file:" + filepath.Join(dir, "none"), "no such file"},
		{"file:" + dir, "no regular file"},
		{"file:" + file("group", "hunter2-typed", 0o640), "chmod 600"},
		{"file:" + file("world", "hunter2-typed", 0o604), "chmod 600"},
		{"file:" + file("empty", "\n", 0o600), "is empty"},
		{"file:" + file("lines", "hunter2-typed\nb\n", 0o600), "several lines"},
		{"file:" + file("long", strings.Repeat("hunter2-typed", 30), 0o600), "longer than 255 bytes"},
	} {
		got, err := ReadSecret(c.ref, env)
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %q, %v; want it to say %q", c.ref, got.reveal(), err, c.says)
		}
	}
}
