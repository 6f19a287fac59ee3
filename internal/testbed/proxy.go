package testbed

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"
)

// listens is ready when somebody accepts connections at the server's address.
func (s *Server) listens() bool {
	c, err := net.DialTimeout("tcp", s.Addr.String(), 200*time.Millisecond)
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}

// Microsocks starts microsocks, a SOCKS 5 server, which asks for the user and password; for none when they are "".
func Microsocks(ctx context.Context, user, password string) (*Server, error) {
	s, err := newServer()
	if err != nil {
		return nil, err
	}
	args := []string{"-i", "127.0.0.1", "-p", fmt.Sprint(s.Addr.Port())}
	if user != "" {
		args = append(args, "-u", user, "-P", password)
	}
	return s.run(ctx, s.listens, "microsocks", args...)
}

// Squid starts Squid, an HTTP proxy, which asks for the user and password; for none when they are "". It has no cache and
// tunnels to any port.
func Squid(ctx context.Context, user, password string) (*Server, error) {
	return squid(ctx, user, password, "", "")
}

// SecureSquid is Squid inside TLS, with a certificate and its key in PEM.
func SecureSquid(ctx context.Context, user, password, certificate, key string) (*Server, error) {
	return squid(ctx, user, password, certificate, key)
}

func squid(ctx context.Context, user, password, certificate, key string) (*Server, error) {
	s, err := newServer()
	if err != nil {
		return nil, err
	}
	// A folder of its own, since Squid gives up root, and others may not look into those of tests.
	dir, err := os.MkdirTemp("", "squid")
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, err
	}
	port := "http_port " + s.Addr.String()
	if certificate != "" {
		// Read before root is given up.
		cert, err := write(dir, "cert.pem", certificate, nil)
		if err != nil {
			return nil, err
		}
		private, err := write(dir, "key.pem", key, nil)
		if err != nil {
			return nil, err
		}
		port = fmt.Sprintf("https_port %s tls-cert=%s tls-key=%s", s.Addr, cert, private)
	}
	conf := fmt.Sprintf("%s\npid_filename none\ncache_log /dev/null\naccess_log none\ncache deny all\ncoredump_dir %s\nshutdown_lifetime 0 seconds\n"+
		"memory_cache_shared off\nnetdb_filename none\nvisible_hostname squid.example\n", port, dir)
	if user == "" {
		conf += "http_access allow all\n"
	} else {
		helper := filepath.Join(dir, "helper")
		script := fmt.Sprintf("#!/bin/sh\nwhile read -r user password; do\n\tif [ \"$user $password\" = '%s %s' ]; then echo OK; else echo ERR; fi\ndone\n", user, password)
		if err := os.WriteFile(helper, []byte(script), 0o755); err != nil {
			return nil, err
		}
		conf += "auth_param basic program /bin/sh " + helper + "\nauth_param basic children 1\nacl known proxy_auth REQUIRED\nhttp_access allow known\nhttp_access deny all\n"
	}
	path, err := write(dir, "squid.conf", conf, nil)
	if err != nil {
		return nil, err
	}
	return s.run(ctx, s.listens, "squid", "-N", "-f", path)
}

// Nginx starts nginx as the web server of one page, over TLS with HTTP/2 when there is a certificate, in PEM. dir is its scratch folder, in which
// access.log is a line for each request: the address that it came from, host and path.
func Nginx(ctx context.Context, dir, page, certificate, key string) (*Server, error) {
	s, err := newServer()
	if err != nil {
		return nil, err
	}
	listen := s.Addr.String()
	if certificate != "" {
		for name, text := range map[string]string{"cert.pem": certificate, "key.pem": key} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				return nil, err
			}
		}
		listen += " ssl http2"
	}
	conf := fmt.Sprintf(`daemon off;
master_process off;
pid %[1]s/nginx.pid;
error_log stderr;
events {}
http {
	log_format short '$remote_addr $host $request_uri';
	access_log %[1]s/access.log short;
	client_body_temp_path %[1]s/body;
	proxy_temp_path %[1]s/proxy;
	fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi;
	scgi_temp_path %[1]s/scgi;
	server {
		listen %[2]s;
`, dir, listen)
	if certificate != "" {
		conf += fmt.Sprintf("\t\tssl_certificate %[1]s/cert.pem;\n\t\tssl_certificate_key %[1]s/key.pem;\n", dir)
	}
	conf += fmt.Sprintf("\t\tlocation / { default_type text/html; return 200 '%s'; }\n\t}\n}\n", page)
	path, err := write(dir, "nginx.conf", conf, nil)
	if err != nil {
		return nil, err
	}
	return s.run(ctx, s.listens, "nginx", "-p", dir, "-e", "stderr", "-c", path)
}
