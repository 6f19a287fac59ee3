package vault

import (
	"archive/zip"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
)

// Password opens what Export writes: the one that analysts expect. It keeps scanners and
// careless fingers off, and is no secret.
const Password = "infected"

// WinZip's AES encryption, specification of 2009 (AE-2, AES-256): salt, verifier, CTR with a
// little-endian counter from 1, HMAC-SHA1 cut to ten bytes.
const (
	zipMethodAES = 99
	zipSalt      = 16
	zipVerifier  = 2
	zipMAC       = 10
	zipRounds    = 1000
)

// Export writes the artifact as a zip with the password "infected"; the file in it is called
// by its hash, never as the host called it. An error in the middle leaves w with half a zip.
func (v *Vault) Export(ctx context.Context, sha string, w io.Writer) error {
	f, err := v.Open(sha)
	if err != nil {
		return err
	}
	defer f.Close()
	salt := random(zipSalt)
	keys, err := pbkdf2.Key(sha1.New, Password, salt, zipRounds, 2*keySize+zipVerifier)
	if err != nil {
		return fmt.Errorf("exporting %s: %w", sha, err)
	}
	z := zip.NewWriter(w)
	entry, err := z.CreateRaw(&zip.FileHeader{
		Name: sha + ".bin", Method: zipMethodAES, Flags: 1,
		CompressedSize64: uint64(f.Size()) + zipSalt + zipVerifier + zipMAC, UncompressedSize64: uint64(f.Size()),
		// Field 0x9901, 7 bytes: AE-2, "AE", AES-256, stored.
		Extra: []byte{0x01, 0x99, 7, 0, 2, 0, 'A', 'E', 3, 0, 0},
	})
	if err == nil {
		_, err = entry.Write(append(salt, keys[2*keySize:]...))
	}
	if err == nil {
		err = encryptZip(ctx, entry, io.NewSectionReader(f, 0, f.Size()), keys[:keySize], keys[keySize:2*keySize])
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		return fmt.Errorf("exporting %s: %w", sha, err)
	}
	return nil
}

func encryptZip(ctx context.Context, w io.Writer, r io.Reader, key, macKey []byte) error {
	block, err := aes.NewCipher(key)
	if err != nil {
		return err
	}
	s := &zipStream{block: block, mac: hmac.New(sha1.New, macKey)}
	buf := make([]byte, chunkSize)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := io.ReadFull(r, buf)
		if n > 0 {
			s.encrypt(buf[:n])
			if _, err := w.Write(buf[:n]); err != nil {
				return err
			}
		}
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			_, err := w.Write(s.mac.Sum(nil)[:zipMAC])
			return err
		default:
			return err
		}
	}
}

type zipStream struct {
	block   cipher.Block
	mac     hash.Hash
	counter uint64
}

// encrypt works in place; only the last piece may be no multiple of 16 bytes.
func (s *zipStream) encrypt(p []byte) {
	var counter, pad [aes.BlockSize]byte
	for at := 0; at < len(p); at += aes.BlockSize {
		s.counter++
		binary.LittleEndian.PutUint64(counter[:], s.counter)
		s.block.Encrypt(pad[:], counter[:])
		end := p[at:min(at+aes.BlockSize, len(p))]
		for i := range end {
			end[i] ^= pad[i]
		}
	}
	s.mac.Write(p)
}
