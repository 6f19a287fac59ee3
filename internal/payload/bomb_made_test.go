package payload

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"testing"
)

// deflatedZeros is a deflate stream of n MiB of zeros, made by repeating one block: a thousandth of its size.
func deflatedZeros(t testing.TB, n int) []byte {
	t.Helper()
	var block bytes.Buffer
	w, err := flate.NewWriter(&block, 9)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(make([]byte, 1<<20))
	if err := w.Flush(); err != nil { // ends at a byte, and no block is the last
		t.Fatal(err)
	}
	return append(bytes.Repeat(block.Bytes(), n), 0x01, 0, 0, 0xff, 0xff) // an empty stored block that is the last
}

// bombSize is in MiB: 10 GiB, or one where tests are to be short.
func bombSize() int {
	if testing.Short() {
		return 1 << 10
	}
	return 10 << 10
}

// zipBomb holds zeros in one file.
func zipBomb(t testing.TB) []byte {
	raw := deflatedZeros(t, bombSize())
	return zipOf(t, func(w *zip.Writer) {
		f, err := w.CreateRaw(&zip.FileHeader{Name: "zeros", Method: zip.Deflate, CompressedSize64: uint64(len(raw)), UncompressedSize64: uint64(bombSize()) << 20})
		if err != nil {
			t.Fatal(err)
		}
		f.Write(raw)
	})
}

// gzipBomb is zeros.
func gzipBomb(t testing.TB) []byte {
	b := append([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255}, deflatedZeros(t, bombSize())...)
	return append(b, 0, 0, 0, 0, 0, 0, 0, 0x80)
}

// deepZip is a hundred zips in each other.
func deepZip(t testing.TB) []byte {
	b := []byte("MZ the end")
	for i := range 100 {
		b = zipWith(t, fmt.Sprintf("%d.zip", i), b)
	}
	return b
}

// sharedCab has a thousand folders that all begin at the same ten thousand blocks, and a file in each.
func sharedCab() []byte {
	const folders = 1000
	one := cabOf(10_000, 10_000*32<<10)
	data := one[44+16+2:]
	b := bytes.Clone(one[:36])
	files := 36 + 8*folders
	at := files + 18*folders
	binary.LittleEndian.PutUint32(b[8:], uint32(at+len(data)))
	binary.LittleEndian.PutUint32(b[16:], uint32(files))
	binary.LittleEndian.PutUint16(b[26:], folders)
	binary.LittleEndian.PutUint16(b[28:], folders)
	for range folders {
		b = binary.LittleEndian.AppendUint32(b, uint32(at))
		b = binary.LittleEndian.AppendUint16(b, 10_000)
		b = binary.LittleEndian.AppendUint16(b, 1)
	}
	for i := range folders {
		b = binary.LittleEndian.AppendUint32(b, 10_000*32<<10)
		b = binary.LittleEndian.AppendUint32(b, 0)
		b = binary.LittleEndian.AppendUint16(b, uint16(i))
		b = append(b, make([]byte, 6)...)
		b = append(b, "a\x00"...)
	}
	return append(b, data...)
}

// changedCFB is a compound file of 8 KiB in which a 32-bit number of a sector, or of the header (-1), is another.
func changedCFB(changes ...[3]int) []byte {
	b := smallCFB()
	for _, c := range changes {
		binary.LittleEndian.PutUint32(b[512*(c[0]+1)+c[1]:], uint32(c[2]))
	}
	return b
}

// cfbBombs are compound files, and packages, that lead in circles or hold one stream many times over.
func cfbBombs() map[string][]byte {
	const size, start, left, right, child = 120, 116, 68, 72, 76 // in an entry of the directory
	return map[string][]byte{
		"cfb table in a circle":       changedCFB([3]int{0, 4 * 13, 4}, [3]int{1, 128 + size, 0x7fffffff}),
		"cfb sector after itself":     changedCFB([3]int{0, 4 * 5, 5}, [3]int{1, 128 + size, 0x7fffffff}),
		"cfb directory in a circle":   changedCFB([3]int{0, 4 * 1, 1}),
		"cfb siblings in a circle":    changedCFB([3]int{1, 128*2 + left, 1}, [3]int{1, 128 + right, 2}),
		"cfb storage in itself":       changedCFB([3]int{1, 128*2 + child, 2}),
		"cfb list of tables, circle":  changedCFB([3]int{-1, 68, 5}, [3]int{-1, 72, 0x7fffffff}, [3]int{5, 508, 5}),
		"cfb stream of 2 GiB":         changedCFB([3]int{1, 128 + size, 0x7fffffff}),
		"cfb stream outside":          changedCFB([3]int{1, 128 + start, 0x00ffffff}),
		"cfb small table in a circle": changedCFB([3]int{2, 0, 1}, [3]int{2, 4, 0}, [3]int{1, 128*3 + size, 4095}),
	}
}
