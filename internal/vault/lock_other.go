//go:build !unix || solaris || aix

package vault

import "os"

// lock does nothing: Windows does not let an open file be removed.
func lock(*os.File) error { return nil }
