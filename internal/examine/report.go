package examine

import (
	"context"
	"fmt"
	"os"

	"lurehound/internal/payload"
)

// parserReport reads a sandbox's report.
const parserReport = "sandbox-report"

// Report reads the report that a CAPE sandbox wrote of a file's run. The report holds what the malware wished it to
// hold, so it is read in the child like the malware itself.
func (x Examiner) Report(ctx context.Context, f *os.File, size int64) (r payload.SandboxReport, err error) {
	err = ask(ctx, parserReport, f, size, nil, &r)
	return r, err
}

func sandboxReport(_ context.Context, input *os.File, _ []byte) (any, error) {
	r, err := payload.ReadCAPE(input)
	if err != nil {
		return nil, fmt.Errorf("it is not taken: %w", err)
	}
	return r, nil
}
