package payload

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"lurehound"
)

// Bounds of what is read from a package's tables.
const (
	msiStream  = 16 << 20 // bytes of a table, of the names, of the strings
	msiStrings = 1 << 20
	msiRows    = 20_000 // of one table
	msiSaid    = 200    // services and actions that are repeated
	msiWords   = 400    // bytes of one of them
)

// msiColumn is a column of a table; its type's bits are those of _Columns.
type msiColumn struct {
	table, name string
	number      int
	kind        uint16
}

// bytes is the width of one value.
func (c msiColumn) bytes(ref int) int {
	switch {
	case c.kind&0x0f00 == 0x0900 && c.kind&0xff == 0: // a stream: the value says only whether there is one
		return 2
	case c.kind&0x0800 != 0:
		return ref
	case c.kind&0xff == 4:
		return 4
	}
	return 2
}

// msiDB is the tables of a Windows Installer package.
type msiDB struct {
	c       *compound
	streams map[string]*cfbEntry
	strings []string
	ref     int // bytes of a reference to a string
	tables  []string
	columns map[string][]msiColumn
}

// openMSI reads the strings and the schema.
func openMSI(c *compound) (*msiDB, error) {
	db := &msiDB{c: c, streams: map[string]*cfbEntry{}, columns: map[string][]msiColumn{}}
	for _, e := range c.entries[0].children {
		if e.kind == 2 {
			db.streams[streamName(e.name)] = e
		}
	}
	pool, err := db.stream("!_StringPool")
	if err != nil {
		return nil, err
	}
	data, err := db.stream("!_StringData")
	if err != nil {
		return nil, err
	}
	if err := db.readStrings(pool, data); err != nil {
		return nil, err
	}
	schema := []msiColumn{{name: "Name", kind: 0x2d40}}
	rows, err := db.rows("_Tables", schema)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		db.tables = append(db.tables, r["Name"].text)
	}
	slices.Sort(db.tables)
	db.tables = slices.Compact(db.tables)
	rows, err = db.rows("_Columns", []msiColumn{{name: "Table", kind: 0x2d40}, {name: "Number", kind: 0x2502}, {name: "Name", kind: 0x2d40}, {name: "Type", kind: 0x0502}})
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		t := r["Table"].text
		db.columns[t] = append(db.columns[t], msiColumn{table: t, name: r["Name"].text, number: r["Number"].number, kind: uint16(r["Type"].number)})
	}
	for _, cols := range db.columns {
		slices.SortStableFunc(cols, func(a, b msiColumn) int { return a.number - b.number })
	}
	return db, nil
}

func (db *msiDB) stream(name string) ([]byte, error) {
	e := db.streams[name]
	if e == nil {
		return nil, fmt.Errorf("it has no %s", strings.TrimPrefix(name, "!"))
	}
	b, err := db.c.content(e, msiStream)
	if err != nil {
		return nil, fmt.Errorf("%s %w", strings.TrimPrefix(name, "!"), err)
	}
	return b, nil
}

// readStrings cuts the strings. The pool has a length and a count of uses for
// each; a length of 0 that is used goes on in the next four bytes.
func (db *msiDB) readStrings(pool, data []byte) error {
	if len(pool) < 4 {
		return errors.New("its strings have no header")
	}
	db.ref = 2
	if binary.LittleEndian.Uint32(pool)&0x8000_0000 != 0 {
		db.ref = 3
	}
	db.strings = []string{""}
	for p := pool[4:]; len(p) >= 4; {
		n, uses := int64(binary.LittleEndian.Uint16(p)), binary.LittleEndian.Uint16(p[2:])
		p = p[4:]
		if n == 0 && uses != 0 && len(p) >= 4 {
			n = int64(binary.LittleEndian.Uint32(p))
			p = p[4:]
		}
		if n > int64(len(data)) {
			return errors.New("its strings end too early")
		}
		if len(db.strings) >= msiStrings {
			return fmt.Errorf("it has more than %d strings", msiStrings)
		}
		db.strings = append(db.strings, strings.ToValidUTF8(string(data[:n]), "\uFFFD"))
		data = data[n:]
	}
	return nil
}

// msiValue is one value: a string, or a number as text and as number.
type msiValue struct {
	text   string
	number int
}

// rows reads a table, which is stored column by column.
func (db *msiDB) rows(table string, cols []msiColumn) ([]map[string]msiValue, error) {
	if db.streams["!"+table] == nil {
		return nil, nil // an empty table has no stream
	}
	b, err := db.stream("!" + table)
	if err != nil {
		return nil, err
	}
	width := 0
	for _, c := range cols {
		width += c.bytes(db.ref)
	}
	if width == 0 {
		return nil, nil
	}
	n := len(b) / width
	rows := make([]map[string]msiValue, min(n, msiRows))
	for i := range rows {
		rows[i] = make(map[string]msiValue, len(cols))
	}
	at := 0
	for _, c := range cols {
		w := c.bytes(db.ref)
		for i := range rows {
			rows[i][c.name] = db.value(c, b[at+i*w:at+(i+1)*w])
		}
		at += n * w
	}
	if n > msiRows {
		return rows, fmt.Errorf("only the first %d of %d rows of %s were read", msiRows, n, table)
	}
	return rows, nil
}

func (db *msiDB) value(c msiColumn, b []byte) msiValue {
	u := uint32(0)
	for i, x := range b {
		u |= uint32(x) << (8 * i)
	}
	switch {
	case c.kind&0x0f00 == 0x0900 && c.kind&0xff == 0:
		return msiValue{}
	case c.kind&0x0800 != 0:
		if int64(u) < int64(len(db.strings)) {
			return msiValue{text: db.strings[u]}
		}
		return msiValue{}
	case u == 0:
		return msiValue{}
	case len(b) == 4:
		n := int(int32(u ^ 0x8000_0000))
		return msiValue{fmt.Sprint(n), n}
	}
	n := int(u) - 0x8000
	return msiValue{fmt.Sprint(n), n}
}

// table reads a table by the package's own schema.
func (db *msiDB) table(name string, problem func(string)) []map[string]msiValue {
	rows, err := db.rows(name, db.columns[name])
	if err != nil {
		problem(err.Error())
	}
	return rows
}

// facts reads what the tables say of the product and of what it runs.
func (db *msiDB) facts(problem func(string)) *lurehound.MSIFacts {
	m := &lurehound.MSIFacts{}
	for _, t := range db.tables {
		if len(m.Tables) < msiSaid {
			m.Tables = append(m.Tables, cutWords(t))
		}
	}
	for _, r := range db.table("Property", problem) {
		v := cutWords(r["Value"].text)
		switch r["Property"].text {
		case "ProductName":
			m.Product = v
		case "Manufacturer":
			m.Manufacturer = v
		case "ProductVersion":
			m.Version = v
		}
	}
	for _, r := range db.table("ServiceInstall", problem) {
		s := r["Name"].text
		if d := r["DisplayName"].text; d != "" {
			s += " (" + d + ")"
		}
		if a := r["Arguments"].text; a != "" {
			s += " " + a
		}
		m.Services = append(m.Services, cutWords(s))
	}
	for _, r := range db.table("CustomAction", problem) {
		m.Actions = append(m.Actions, cutWords(customAction(r)))
	}
	for _, list := range []*[]string{&m.Services, &m.Actions} {
		if n := len(*list); n > msiSaid {
			*list = (*list)[:msiSaid]
			problem(fmt.Sprintf("%d services or custom actions, of which %d are said", n, msiSaid))
		}
	}
	return m
}

// customAction says in words what an action runs; the kinds are those of
// Microsoft's "Summary List of All Custom Action Types".
func customAction(r map[string]msiValue) string {
	kinds := map[int]string{
		1: "DLL in the package", 2: "program in the package", 5: "JScript in the package", 6: "VBScript in the package",
		17: "installed DLL", 18: "installed program", 19: "error message", 21: "installed JScript", 22: "installed VBScript",
		34: "program", 35: "sets a folder", 37: "JScript", 38: "VBScript", 50: "program named by a property",
		51: "sets a property", 53: "JScript in a property", 54: "VBScript in a property",
	}
	n := r["Type"].number & 63
	kind := kinds[n]
	if kind == "" {
		kind = fmt.Sprintf("type %d", n)
	}
	return strings.TrimSpace(fmt.Sprintf("%s: %s: %s %s", r["Action"].text, kind, r["Source"].text, r["Target"].text))
}

func cutWords(s string) string {
	if len(s) > msiWords {
		return strings.ToValidUTF8(s[:msiWords], "") + "…"
	}
	return s
}

// installed maps the key of a file to the name under which it is installed,
// with the folders that the tables give.
func (db *msiDB) installed(problem func(string)) map[string]string {
	parents, names := map[string]string{}, map[string]string{}
	for _, r := range db.table("Directory", problem) {
		d := r["Directory"].text
		parents[d], names[d] = r["Directory_Parent"].text, longName(r["DefaultDir"].text)
	}
	folder := map[string]string{}
	for _, r := range db.table("Component", problem) {
		folder[r["Component"].text] = r["Directory_"].text
	}
	out := map[string]string{}
	for _, r := range db.table("File", problem) {
		path := longName(r["FileName"].text)
		d := folder[r["Component_"].text]
		for n := 0; n < 16 && d != "" && parents[d] != d && len(path) < 1024; n++ {
			if s := names[d]; s != "" && s != "." && d != "TARGETDIR" {
				path = s + "/" + path
			}
			d = parents[d]
		}
		out[r["File"].text] = path
	}
	return out
}

// longName takes the long half of "short|long", and the target of "target:source".
func longName(s string) string {
	s, _, _ = strings.Cut(s, ":")
	if _, long, ok := strings.Cut(s, "|"); ok {
		return long
	}
	return s
}

// readMSI visits what a package carries: the cabinets and everything else that
// is no table. Files of a cabinet have their keys for names.
func readMSI(ctx context.Context, f file, b *budget, visit func(member) error) error {
	c, err := openCompound(f.r, f.size, b.lim.Entries)
	if err != nil {
		return err
	}
	return c.visit(ctx, b, visit, func(e *cfbEntry) bool {
		return e.parent != c.entries[0] || len(e.name) == 0 || e.name[0] != 0x4840
	})
}
