package report

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"lurehound"
)

// Column is one field of the rows that a verb writes.
type Column[T any] struct {
	Name string // key in JSON, header elsewhere
	Cell func(*T) Cell
	fit  fit // of a table
}

// Rows writes values of one kind as table, json (one array), jsonl or csv.
// Values are kept no longer than the write; a table keeps the first
// measuredRows of them to find out how wide its columns are. Not safe for
// concurrent use.
type Rows[T any] struct {
	columns []Column[T]
	write   func() error // of cells
	end     func() error
	value   T
	cells   []Cell
	again   []lastCell // by column, of JSON
	keys    []string   // by column, of JSON: the key with what is in front of it and behind
	line    []byte
	out     *bufio.Writer
	count   int
}

// NewRows begins rows in the format of that name.
func NewRows[T any](w io.Writer, format string, opt Options, columns ...Column[T]) (*Rows[T], error) {
	f, err := Named(format)
	if err != nil {
		return nil, err
	}
	r := &Rows[T]{columns: columns, cells: make([]Cell, len(columns)), out: bufio.NewWriterSize(w, bufferSize)}
	names, fits := make([]string, len(columns)), make([]fit, len(columns))
	r.again, r.keys = make([]lastCell, len(columns)), make([]string, len(columns))
	lead := "{"
	for i, c := range columns {
		names[i], fits[i] = c.Name, c.fit
		r.keys[i] = string(append(appendString([]byte(lead), c.Name), ':'))
		lead = ","
	}
	switch f.Name {
	case "json":
		r.write, r.end = r.object, r.endArray
	case "jsonl":
		r.write, r.end = r.jsonLine, r.nothing
	case "csv":
		c := csv.NewWriter(r.out)
		record := make([]string, len(columns))
		if err := c.Write(names); err != nil {
			return nil, err
		}
		r.write = func() error {
			for i, cell := range r.cells {
				record[i] = cell.csv()
			}
			return c.Write(record)
		}
		r.end = func() error { c.Flush(); return c.Error() }
	default:
		g := &grid{out: r.out, names: names, fits: fits, color: opt.Color, width: opt.width()}
		r.write = func() error {
			cells := make([]gridCell, len(r.cells))
			for i := range r.cells {
				cells[i] = r.cells[i].table()
			}
			return g.add(cells)
		}
		r.end = g.end
	}
	return r, nil
}

// Write writes one value.
func (r *Rows[T]) Write(v T) error {
	r.value = v
	for i := range r.columns {
		r.cells[i] = r.columns[i].Cell(&r.value)
	}
	err := r.write()
	r.count++
	return err
}

// Flush hands on what was written so far, for rows that come slowly. Rows of a
// table that are still being measured wait.
func (r *Rows[T]) Flush() error { return r.out.Flush() }

// Close ends the output. It does not close the writer below.
func (r *Rows[T]) Close() error {
	if err := r.end(); err != nil {
		return err
	}
	return r.out.Flush()
}

func (r *Rows[T]) nothing() error { return nil }

func (r *Rows[T]) jsonLine() error {
	r.line = append(r.appendObject(r.line[:0]), '\n')
	_, err := r.out.Write(r.line)
	return err
}

func (r *Rows[T]) object() error {
	lead := ",\n  "
	if r.count == 0 {
		lead = "[\n  "
	}
	r.line = r.appendObject(append(r.line[:0], lead...))
	_, err := r.out.Write(r.line)
	return err
}

func (r *Rows[T]) endArray() error {
	end := "\n]\n"
	if r.count == 0 {
		end = "[]\n"
	}
	_, err := r.out.WriteString(end)
	return err
}

func (r *Rows[T]) appendObject(b []byte) []byte {
	for i := range r.cells {
		b = r.again[i].append(append(b, r.keys[i]...), &r.cells[i])
	}
	return append(b, '}')
}

// lastCell is the list or number that a column had last, and its JSON. Ranked rows often have
// the same one after the other.
type lastCell struct {
	list []string
	num  float64
	json []byte
}

// append appends a cell as JSON.
func (l *lastCell) append(b []byte, c *Cell) []byte {
	switch c.kind {
	case isNumber:
		if l.json == nil || l.num != c.num {
			l.num, l.json = c.num, c.append(l.json[:0])
		}
		return append(b, l.json...)
	case isList:
		if l.json == nil || !slices.Equal(l.list, c.list) {
			l.list, l.json = append(l.list[:0], c.list...), c.append(l.json[:0])
		}
		return append(b, l.json...)
	}
	return c.append(b)
}

// Cell is one field of a row.
type Cell struct {
	kind kind
	text string
	list []string
	num  float64
}

type kind uint8

const (
	isText kind = iota
	isName
	isList
	isNames
	isNumber
	isCount
	isFlag
)

// Text is a cell with a text.
func Text(s string) Cell { return Cell{kind: isText, text: s} }

// Name is a cell with a domain name, which people see defanged.
func Name(s string) Cell { return Cell{kind: isName, text: s} }

// Unicode is a cell with the form of a domain that people read; a table leaves
// it out where it says nothing new.
func Unicode(d lurehound.Domain) Cell {
	c := Name(d.Unicode())
	if d.Unicode() == d.String() {
		c.num = 1
	}
	return c
}

// List is a cell with several texts.
func List(l []string) Cell { return Cell{kind: isList, list: l} }

// Names is a cell with several domain names.
func Names(l []string) Cell { return Cell{kind: isNames, list: l} }

// Number is a cell with a score.
func Number(f float64) Cell { return Cell{kind: isNumber, num: f} }

// Count is a cell with a whole number.
func Count(n int64) Cell { return Cell{kind: isCount, text: strconv.FormatInt(n, 10)} }

// Flag is a cell with yes or no.
func Flag(yes bool) Cell {
	c := Cell{kind: isFlag}
	if yes {
		c.num = 1
	}
	return c
}

func (c *Cell) append(b []byte) []byte {
	switch c.kind {
	case isList, isNames:
		b = append(b, '[')
		for i, s := range c.list {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendString(b, s)
		}
		return append(b, ']')
	case isNumber:
		return appendScore(b, c.num)
	case isCount:
		return append(b, c.text...)
	case isFlag:
		if c.num != 0 {
			return append(b, "true"...)
		}
		return append(b, "false"...)
	}
	return appendString(b, c.text)
}

func (c *Cell) csv() string {
	switch c.kind {
	case isList, isNames:
		return cellText(joined(c.list))
	case isNumber, isCount, isFlag:
		return string(c.append(nil))
	}
	return cellText(c.text)
}

func (c *Cell) table() gridCell {
	if c.kind != isList && c.kind != isNames {
		return gridCell{text: c.shown()}
	}
	list := make([]string, len(c.list))
	for i, s := range c.list {
		if c.kind == isNames {
			s = lurehound.Defang(s)
		}
		list[i] = visible(s)
	}
	return gridCell{strings.Join(list, ", "), list}
}

// shown is a single value as people see it.
func (c *Cell) shown() string {
	switch c.kind {
	case isName:
		if c.num != 0 {
			return ""
		}
		return visible(lurehound.Defang(c.text))
	case isNumber:
		if 0 < c.num && c.num < 0.01 {
			return fmt.Sprintf("%.0e", c.num) // 0.00 would say that it is nothing
		}
		return fmt.Sprintf("%.2f", c.num)
	case isFlag:
		if c.num != 0 {
			return "yes"
		}
		return ""
	}
	return visible(defangText(c.text))
}
