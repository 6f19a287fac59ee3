package fetch

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// gib is what each bomb unpacks to.
const gib = 1 << 30

// deflatedZeros is one deflate stream of gib zeros. Once the window is full of
// zeros, each further MiB packs to the same bytes, so it is packed once.
func deflatedZeros(t testing.TB) []byte {
	const mib = 1 << 20
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	add := func() []byte {
		from := b.Len()
		if _, err := w.Write(make([]byte, mib)); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil { // ends at a whole byte
			t.Fatal(err)
		}
		return bytes.Clone(b.Bytes()[from:])
	}
	out := add()
	out = append(out, bytes.Repeat(add(), gib/mib-1)...)
	return append(out, 3, 0) // an empty last block
}

func gzipped(deflated []byte, sum, size uint32) string {
	out := append([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}, deflated...)
	out = binary.LittleEndian.AppendUint32(out, sum)
	return string(binary.LittleEndian.AppendUint32(out, size))
}

func zlibbed(deflated []byte, sum uint32) string {
	return string(binary.BigEndian.AppendUint32(append([]byte{0x78, 0xda}, deflated...), sum))
}

// zstdZeros is one frame of run-length blocks of 128 KiB (RFC 8878, section
// 3.1.1.2): four bytes each.
func zstdZeros() string {
	const block = 128 << 10
	out := []byte{0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3} // window 2^(10+7)
	for i := range gib / block {
		head := uint32(block<<3 | 1<<1)
		if i == gib/block-1 {
			head |= 1
		}
		out = append(out, byte(head), byte(head>>8), byte(head>>16), 0)
	}
	return string(out)
}

type bomb struct {
	name      string
	header    string
	packed    string
	truncated string
	size      int64 // -1: any
}

// bombs are the packed answers among sixteen bombs. The others (archives,
// installers, pictures) are no matter of HTTP.
func bombs(t testing.TB) []bomb {
	deflated := deflatedZeros(t)
	crc, mib := uint32(0), make([]byte, 1<<20)
	for range gib / len(mib) {
		crc = crc32.Update(crc, crc32.IEEETable, mib)
	}
	whole := gzipped(deflated, crc, gib)
	deflate := zlibbed(deflated, gib%65521<<16|1)        // Adler-32 of zeros (RFC 1950, section 8.2)
	brotli, err := os.ReadFile("testdata/zeros-1gib.br") // 2^30 zeros, window of 2^24
	if err != nil {
		t.Fatal(err)
	}
	var nested bytes.Buffer
	w := gzip.NewWriter(&nested)
	if _, err := io.WriteString(w, whole); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	small := packed(t, 1000)
	lying := small[:len(small)-4] + "\xff\xff\xff\xff"
	z := zstdZeros()
	const gz = "Content-Encoding: gzip\r\n"
	return []bomb{
		{"bomb 01 gzip", gz, whole, tooPacked, -1},
		{"bomb 02 deflate", "Content-Encoding: deflate\r\n", deflate, "encoding: deflate", int64(len(deflate))},
		{"bomb 02 deflate, called gzip", gz, deflate, "encoding: called gzip, but is not", int64(len(deflate))},
		{"bomb 03 brotli", "Content-Encoding: br\r\n", string(brotli), "encoding: br", int64(len(brotli))},
		{"bomb 04 zstd", "Content-Encoding: zstd\r\n", z, "encoding: zstd", int64(len(z))},
		{"bomb 05 gzip in gzip, called gzip", gz, nested.String(), tooPacked, -1},
		{"bomb 05 gzip in gzip, called both", "Content-Encoding: gzip, gzip\r\n", nested.String(), "encoding: 2 layers", int64(nested.Len())},
		{"bomb 05 gzip, called by Transfer-Encoding", "Transfer-Encoding: gzip, chunked\r\n", whole, "no answer", 0},
		{"bomb 06 gzip that lies about its length", gz, lying, broken, 1000},
	}
}

// TestBombs visits answers that unpack to a GiB, with the caps of a hunt.
func TestBombs(t *testing.T) {
	hunt := DefaultLimits()
	for _, b := range bombs(t) {
		t.Run(b.name, func(t *testing.T) {
			lim := hasty()
			lim.Body, lim.Total, lim.Ratio = hunt.Body, hunt.Total, hunt.Ratio
			c := local(t, Config{Limits: lim})
			got := visitOnce(t, c, "http://"+serve(t, once(page(b.header, b.packed))))
			if b.truncated == "no answer" {
				if got.err == nil || !strings.HasPrefix(got.err.Reason, "malformed answer") {
					t.Errorf("got %v, %+v", got.err, got.facts)
				}
				return
			}
			if got.err != nil {
				t.Fatal(got.err)
			}
			f := got.facts
			t.Logf("%d bytes packed, %d kept", len(b.packed), f.Size)
			if f.Truncated != b.truncated || b.size >= 0 && f.Size != b.size || f.Size != int64(len(got.body)) || f.Size > lim.Body {
				t.Errorf("truncated %q, size %d; want %q, %d", f.Truncated, f.Size, b.truncated, b.size)
			}
			if b.truncated == tooPacked && f.Size > lim.Ratio*int64(len(b.packed))+smallBody {
				t.Errorf("%d bytes of %d are more than %d to one", f.Size, len(b.packed), lim.Ratio)
			}
		})
	}
}

// TestBombsAreBombs unpacks those that the standard library or a dependency can
// read, so that the visits above meet what their names say.
func TestBombsAreBombs(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("unpacks three GiB")
	}
	for _, b := range bombs(t) {
		var r io.Reader
		var err error
		switch b.name {
		case "bomb 01 gzip":
			r, err = gzip.NewReader(strings.NewReader(b.packed))
		case "bomb 02 deflate":
			r, err = zlib.NewReader(strings.NewReader(b.packed))
		case "bomb 04 zstd":
			r, err = zstd.NewReader(strings.NewReader(b.packed))
		default:
			continue
		}
		if err != nil {
			t.Fatal(b.name, err)
		}
		if n, err := io.Copy(io.Discard, r); err != nil || n != gib {
			t.Errorf("%s: %d bytes, %v", b.name, n, err)
		}
	}
}
