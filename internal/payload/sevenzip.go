package payload

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"lurehound"
)

// errNoSevenZip says that the program is not there: the container stays closed,
// which is not to say that it is empty.
var errNoSevenZip = errors.New("needs the program 7z, which is not there")

// Bounds of what 7z is given and may say.
const (
	sevenZipInput   = 256 << 20 // bytes of an archive: a copy in memory
	sevenZipListing = 8 << 20   // bytes of a listing
)

// listedFile is one entry of 7z's listing.
type listedFile struct {
	name      string
	size      int64 // -1 when the listing has none
	packed    int64
	crc       string // hex, "" when there is none
	folder    bool
	encrypted bool
}

// bySevenZip is the reader of a format that only 7z reads.
func bySevenZip(t lurehound.FileType) containerReader {
	kind := map[lurehound.FileType]string{lurehound.Type7z: "7z", lurehound.TypeISO: "iso", lurehound.TypeDMG: "dmg", lurehound.TypePKG: "xar", lurehound.TypeRAR: "rar"}[t]
	return func(ctx context.Context, f file, b *budget, visit func(member) error) error {
		if t == lurehound.TypeRAR {
			if head := readHead(f); len(head) > 6 && head[6] == 1 {
				return readBySevenZip(ctx, f, b, visit, "rar5")
			}
		}
		return readBySevenZip(ctx, f, b, visit, kind)
	}
}

// readBySevenZip lists an archive, and decodes it in one run: 7z writes all
// files behind each other, and the listing says where they end. The archive is
// a copy in memory that has no name in any folder.
func readBySevenZip(ctx context.Context, f file, b *budget, visit func(member) error, kind string) error {
	if b.lim.SevenZip == "" {
		return errNoSevenZip
	}
	program, err := exec.LookPath(b.lim.SevenZip)
	if err != nil {
		return errNoSevenZip
	}
	if f.size > sevenZipInput {
		return fmt.Errorf("%d bytes are more than 7z is given", f.size)
	}
	archive, err := inMemory(f)
	if err != nil {
		return fmt.Errorf("copying it for 7z: %w", err)
	}
	defer archive.Close()
	files, broken := sevenZipList(ctx, program, archive, kind, b.lim.Entries-b.entries)
	if broken != nil && len(files) == 0 {
		return broken
	}
	if err := sevenZipVisit(ctx, program, archive, kind, files, b, visit); err != nil {
		return err
	}
	return broken
}

// sevenZipCommand reads the archive as kind and as nothing else, so that no
// other parser of 7z's is tried; the password is one that nothing has.
func sevenZipCommand(ctx context.Context, program string, archive *os.File, kind, verb string, more ...string) *exec.Cmd {
	args := append([]string{verb, "-t" + kind, "-bd", "-bsp0", "-sccUTF-8", "-scsUTF-8", "-mmt=1", "-p-", "-y"}, more...)
	cmd := exec.CommandContext(ctx, program, append(args, "--", "/proc/self/fd/3")...)
	cmd.ExtraFiles = []*os.File{archive}
	cmd.Env = []string{"LC_ALL=C.UTF-8", "PATH=/nonexistent", "HOME=/nonexistent"}
	cmd.Dir = "/"
	cmd.WaitDelay = time.Second
	return cmd
}

func sevenZipList(ctx context.Context, program string, archive *os.File, kind string, limit int) ([]listedFile, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := sevenZipCommand(ctx, program, archive, kind, "l", "-slt", "-ba")
	var said capped
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting 7z: %w", err)
	}
	files, err := parseListing(io.LimitReader(out, sevenZipListing), limit)
	if err != nil {
		cancel()
		cmd.Wait()
		return files, err
	}
	rest, _ := io.Copy(io.Discard, io.LimitReader(out, 1))
	if rest > 0 {
		cancel()
	}
	if err := cmd.Wait(); err != nil {
		return files, fmt.Errorf("7z lists it as broken: %s", said.line(err))
	}
	return files, nil
}

// parseListing reads blocks of "Key = value" lines that blank lines part.
func parseListing(r io.Reader, limit int) ([]listedFile, error) {
	var files []listedFile
	var e *listedFile
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 4096), 256<<10)
	for sc.Scan() {
		key, value, ok := strings.Cut(sc.Text(), " = ")
		if !ok {
			key, ok = strings.CutSuffix(sc.Text(), " =")
		}
		if !ok {
			continue
		}
		if key == "Path" {
			if len(files) >= limit {
				return files, errEntries
			}
			files = append(files, listedFile{name: value, size: -1})
			e = &files[len(files)-1]
			continue
		}
		if e == nil {
			continue
		}
		switch key {
		case "Size":
			e.size = number(value, -1)
		case "Packed Size":
			e.packed = number(value, 0)
		case "CRC":
			e.crc = value
		case "Folder":
			e.folder = value == "+"
		case "Attributes":
			e.folder = e.folder || strings.HasPrefix(value, "D")
		case "Encrypted":
			e.encrypted = value == "+"
		}
	}
	if err := sc.Err(); err != nil {
		return files, fmt.Errorf("reading 7z's listing: %w", err)
	}
	return files, nil
}

func number(s string, none int64) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return none
	}
	return n
}

// sevenZipVisit cuts the files from one run of 7z. Where one has no size or
// another than was listed, what follows cannot be told apart any more.
func sevenZipVisit(ctx context.Context, program string, archive *os.File, kind string, files []listedFile, b *budget, visit func(member) error) error {
	for _, e := range files {
		if e.size < 0 && !e.folder && !e.encrypted {
			return sevenZipEach(ctx, program, archive, kind, files, b, visit)
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := sevenZipCommand(ctx, program, archive, kind, "x", "-so", "-bso0")
	var said capped
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting 7z: %w", err)
	}
	defer cmd.Wait()
	defer cancel()
	lost := ""
	for _, e := range files {
		if e.folder {
			continue
		}
		if err := b.entry(); err != nil {
			return err
		}
		m := member{name: e.name, size: e.size, packed: e.packed}
		cut := &cutFile{r: out, left: e.size, crc: crcOf(e.crc), said: &said}
		switch {
		case e.encrypted:
			m.problem = "is encrypted"
		case lost != "":
			m.problem = lost
		default:
			m.open = func() (io.Reader, error) { return cut, nil }
		}
		if err := visit(m); err != nil {
			return err
		}
		if m.open != nil && cut.broken {
			lost = "follows a file that 7z could not decode, and was not opened"
		}
	}
	return nil
}

// sevenZipEach decodes the files one by one, for archives whose listing has no
// sizes. Names that several files have are decoded as one and said.
func sevenZipEach(ctx context.Context, program string, archive *os.File, kind string, files []listedFile, b *budget, visit func(member) error) error {
	const most = 200 // runs of 7z, each of which decodes the archive again
	names := map[string]int{}
	for _, e := range files {
		names[e.name]++
	}
	for i, e := range files {
		if e.folder {
			continue
		}
		if err := b.entry(); err != nil {
			return err
		}
		m := member{name: e.name, size: e.size, packed: e.packed}
		var stop func()
		switch {
		case e.encrypted:
			m.problem = "is encrypted"
		case i >= most:
			m.problem = fmt.Sprintf("is behind the %d files that are decoded one by one", most)
		case names[e.name] > 1:
			m.problem = "has the name of another file, and was not opened"
		default:
			m.open = func() (io.Reader, error) {
				ctx, cancel := context.WithCancel(ctx)
				cmd := sevenZipCommand(ctx, program, archive, kind, "x", "-so", "-bso0", "-spd", "-i!"+e.name)
				out, err := cmd.StdoutPipe()
				if err != nil {
					cancel()
					return nil, err
				}
				said := &capped{}
				cmd.Stderr = said
				if err := cmd.Start(); err != nil {
					cancel()
					return nil, fmt.Errorf("starting 7z: %w", err)
				}
				stop = func() { cancel(); cmd.Wait() }
				return &untilExit{r: out, wait: cmd.Wait, said: said}, nil
			}
		}
		err := visit(m)
		if stop != nil {
			stop()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// untilExit is a program's output, which is only whole when it ended well.
type untilExit struct {
	r    io.Reader
	wait func() error
	said *capped
}

func (u *untilExit) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	if err == io.EOF {
		if e := u.wait(); e != nil {
			return n, fmt.Errorf("7z could not decode it: %s", u.said.line(e))
		}
	}
	return n, err
}

// cutFile is the next left bytes of 7z's output.
type cutFile struct {
	r      io.Reader
	left   int64
	sum    uint32
	crc    *uint32
	broken bool
	said   *capped
}

func (c *cutFile) Read(p []byte) (int, error) {
	if c.left == 0 {
		if c.crc != nil && c.sum != *c.crc {
			c.broken = true
			return 0, errors.New("7z gave bytes of another checksum")
		}
		return 0, io.EOF
	}
	n, err := c.r.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	c.sum = crcUpdate(c.sum, p[:n])
	if err != nil && c.left > 0 {
		c.broken = true
		return n, errors.New("7z stopped before its end")
	}
	return n, nil
}

// capped keeps the first of what a program says.
type capped struct{ b []byte }

func (c *capped) Write(p []byte) (int, error) {
	c.b = append(c.b, p[:min(len(p), max(0, 2048-len(c.b)))]...)
	return len(p), nil
}

// line is the program's first complaint, or err.
func (c *capped) line(err error) string {
	for l := range strings.Lines(string(c.b)) {
		if l = strings.TrimSpace(l); strings.HasPrefix(l, "ERROR") || strings.HasPrefix(l, "Cannot open") || strings.HasPrefix(l, "Open ERROR") {
			return strings.ReplaceAll(l, "/proc/self/fd/3", "the file")
		}
	}
	return err.Error()
}
