package lab

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"slices"
	"time"
)

// ordinaryColumns is the header of ordinary.csv: the registrations among which
// the look-alikes hide. a is empty for names without an address.
var ordinaryColumns = []string{"domain", "registered", "registrar", "operator", "a", "firstseen", "score", "scorereason"}

func readOrdinary(files fs.FS) ([]nameData, error) {
	f, err := files.Open(ordinaryFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", ordinaryFile, err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comment = '#'
	r.ReuseRecord = true
	header, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", ordinaryFile, err)
	}
	if !slices.Equal(header, ordinaryColumns) {
		return nil, fmt.Errorf("reading %s: its header is %q, not %q", ordinaryFile, header, ordinaryColumns)
	}
	var names []nameData
	for {
		row, err := r.Read()
		if err == io.EOF {
			return names, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", ordinaryFile, err)
		}
		n, err := ordinaryName(row)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %s: %w", ordinaryFile, row[0], err)
		}
		names = append(names, n)
	}
}

func ordinaryName(row []string) (nameData, error) {
	registered, err := time.Parse(time.RFC3339, row[1])
	if err != nil {
		return nameData{}, err
	}
	n := nameData{
		Domain: row[0], Registered: registered, Registrar: row[2], Operator: row[3],
		Feed: []string{row[5]}, Score: row[6], Reason: row[7],
	}
	if row[4] != "" {
		a, err := netip.ParseAddr(row[4])
		if err != nil {
			return nameData{}, err
		}
		n.A = []netip.Addr{a}
	}
	return n, nil
}
