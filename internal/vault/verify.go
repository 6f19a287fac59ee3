package vault

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
)

// Verify reads every artifact whole: a sentence for each that cannot be opened, that was changed, or
// whose bytes do not have the hash that it is called by. Of one that was cut at the cap only the seals are checked.
func (v *Vault) Verify(ctx context.Context) ([]string, error) {
	all, problems, err := v.List(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		if err := v.verify(ctx, s); err != nil {
			if ctx.Err() != nil {
				return nil, fmt.Errorf("verifying the vault: %w", ctx.Err())
			}
			problems = append(problems, err.Error())
		}
	}
	return problems, nil
}

func (v *Vault) verify(ctx context.Context, s Stored) error {
	f, err := v.Open(s.SHA256)
	if err != nil {
		return err
	}
	defer f.Close()
	sum, buf, r := sha256.New(), make([]byte, chunkSize), io.NewSectionReader(f, 0, f.Size())
	for n := 0; err != io.EOF; {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if n, err = r.Read(buf); err != nil && err != io.EOF {
			return fmt.Errorf("reading %s of the vault: %w", s.SHA256, err)
		}
		sum.Write(buf[:n])
	}
	if got := hex.EncodeToString(sum.Sum(nil)); !s.Capped && got != s.SHA256 {
		return fmt.Errorf("reading %s of the vault: its bytes have the hash %s", s.SHA256, got)
	}
	return nil
}
