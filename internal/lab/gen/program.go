package main

import "encoding/binary"

// program is a Windows console program (amd64) that prints one line and ends,
// as the PE format specification lays it out: one section, three imported functions.
func program(line string, compiled uint32) []byte {
	const (
		rva     = 0x1000
		raw     = 0x200
		align   = 0x200
		imports = 0x80  // offsets within the section
		lookup  = 0xc0  // import lookup table
		address = 0xe0  // import address table
		names   = 0x100 // hint and name of each function
		text    = 0x180
	)
	le := binary.LittleEndian
	line += "\r\n"
	section := make([]byte, (text+len(line)+align-1)/align*align)
	for i, name := range []string{"GetStdHandle", "WriteFile", "ExitProcess"} {
		at := names + 0x18*i
		copy(section[at+2:], name)
		le.PutUint64(section[lookup+8*i:], uint64(rva+at))
		le.PutUint64(section[address+8*i:], uint64(rva+at))
	}
	copy(section[names+0x50:], "KERNEL32.dll")
	le.PutUint32(section[imports:], rva+lookup)
	le.PutUint32(section[imports+12:], rva+names+0x50)
	le.PutUint32(section[imports+16:], rva+address)
	copy(section[text:], line)

	var code []byte
	emit := func(b ...byte) { code = append(code, b...) }
	rel := func(to int) { code = le.AppendUint32(code, uint32(int32(to-len(code)-4))) }
	emit(0x48, 0x83, 0xec, 0x38)       // sub rsp, 0x38
	emit(0xb9, 0xf5, 0xff, 0xff, 0xff) // mov ecx, STD_OUTPUT_HANDLE
	emit(0xff, 0x15)                   // call [GetStdHandle]
	rel(address)                       //
	emit(0x48, 0x89, 0xc1)             // mov rcx, rax
	emit(0x48, 0x8d, 0x15)             // lea rdx, [line]
	rel(text)                          //
	emit(0x41, 0xb8)                   // mov r8d, length
	code = le.AppendUint32(code, uint32(len(line)))
	emit(0x4c, 0x8d, 0x4c, 0x24, 0x30)                         // lea r9, [rsp+0x30]
	emit(0x48, 0xc7, 0x44, 0x24, 0x20, 0x00, 0x00, 0x00, 0x00) // mov qword [rsp+0x20], 0
	emit(0xff, 0x15)                                           // call [WriteFile]
	rel(address + 8)                                           //
	emit(0x31, 0xc9)                                           // xor ecx, ecx
	emit(0xff, 0x15)                                           // call [ExitProcess]
	rel(address + 16)
	copy(section, code)

	h := make([]byte, raw)
	copy(h, "MZ")
	le.PutUint32(h[0x3c:], 0x80)
	copy(h[0x40:], "Laboratory file: it prints one line.\r\n$")
	copy(h[0x80:], "PE\x00\x00")
	coff := h[0x84:]
	le.PutUint16(coff, 0x8664) // IMAGE_FILE_MACHINE_AMD64
	le.PutUint16(coff[2:], 1)
	le.PutUint32(coff[4:], compiled)
	le.PutUint16(coff[16:], 240)
	le.PutUint16(coff[18:], 0x0022)
	opt := h[0x98:]
	le.PutUint16(opt, 0x20b)
	le.PutUint32(opt[4:], uint32(len(section))) // SizeOfCode
	le.PutUint32(opt[16:], rva)                 // AddressOfEntryPoint
	le.PutUint32(opt[20:], rva)                 // BaseOfCode
	le.PutUint64(opt[24:], 0x140000000)
	le.PutUint32(opt[32:], 0x1000)
	le.PutUint32(opt[36:], align)
	le.PutUint16(opt[40:], 6)
	le.PutUint16(opt[48:], 6)
	le.PutUint32(opt[56:], 0x2000)
	le.PutUint32(opt[60:], raw)
	le.PutUint16(opt[68:], 3) // IMAGE_SUBSYSTEM_WINDOWS_CUI
	le.PutUint64(opt[72:], 0x100000)
	le.PutUint64(opt[80:], 0x1000)
	le.PutUint64(opt[88:], 0x100000)
	le.PutUint64(opt[96:], 0x1000)
	le.PutUint32(opt[108:], 16)
	le.PutUint32(opt[112+8:], rva+imports) // import directory
	le.PutUint32(opt[112+12:], 40)
	le.PutUint32(opt[112+12*8:], rva+address) // import address table
	le.PutUint32(opt[112+12*8+4:], 32)
	sec := h[0x98+240:]
	copy(sec, ".text")
	le.PutUint32(sec[8:], uint32(len(section)))
	le.PutUint32(sec[12:], rva)
	le.PutUint32(sec[16:], uint32(len(section)))
	le.PutUint32(sec[20:], raw)
	le.PutUint32(sec[36:], 0xe0000060) // code and data; readable, writable, executable
	return append(h, section...)
}
