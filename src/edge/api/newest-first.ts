//
// Owns: that of several sockets which listen on one port (SO_REUSEPORT) new connections come to the newest alone. So the
// one before it can be closed with nobody in its queue: what waits there when it closes is reset by the kernel.
// Where that cannot be had (another system than Linux), the kernel deals connections out among them.

import { dlopen, FFIType, ptr } from 'bun:ffi'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

const SOL_SOCKET = 1
const SO_ATTACH_REUSEPORT_CBPF = 51
/** BPF_RET | BPF_K: the program is its answer, the place of a socket in the order in which they were bound. */
const RETURN = 0x06

/** True: from now on connections to this port come to the socket at that place. */
export function steerTo(place: number, port: number): boolean {
  if (process.platform !== 'linux') return false
  try {
    const fd = listeningSocket(port)
    return fd !== null && attach(fd, place)
  } catch {
    // No /proc, or no C library of that name.
    return false
  }
}

function attach(fd: number, place: number): boolean {
  const { symbols, close } = dlopen('libc.so.6', {
    setsockopt: {
      args: [FFIType.i32, FFIType.i32, FFIType.i32, FFIType.ptr, FFIType.u32],
      returns: FFIType.i32,
    },
  })
  try {
    // struct sock_filter { u16 code; u8 jt, jf; u32 k }
    const filter = new Uint8Array(8)
    new DataView(filter.buffer).setUint16(0, RETURN, true)
    new DataView(filter.buffer).setUint32(4, place, true)
    // struct sock_fprog { u16 len; struct sock_filter *filter }
    const program = new Uint8Array(16)
    new DataView(program.buffer).setUint16(0, 1, true)
    new DataView(program.buffer).setBigUint64(8, BigInt(ptr(filter)), true)
    return symbols.setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, ptr(program), program.length) === 0
  } finally {
    close()
  }
}

/** Any of them: the program belongs to all sockets of the port together. */
function listeningSocket(port: number): number | null {
  const inodes = new Set([...inodesIn('/proc/self/net/tcp', port), ...inodesIn('/proc/self/net/tcp6', port)])
  for (const name of readdirSync('/proc/self/fd')) {
    const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/self/fd/${name}`))?.[1]
    if (inode !== undefined && inodes.has(inode)) return Number(name)
  }
  return null
}

/** Of sockets that listen (state 0A) on that port. */
function inodesIn(table: string, port: number): readonly string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  return readFileSync(table, 'latin1')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(`:${hex}`) && columns[3] === '0A')
    .flatMap((columns) => columns[9] ?? [])
}

/** A descriptor may be gone between listing and looking. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
