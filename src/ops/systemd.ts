//
// Owns: the word to the service manager (sd_notify(3)): ready, reloading, stopping, alive.
//
// The runtime has no unix datagram sockets and `systemd-notify` would be a process per word, from a process that
// NotifyAccess=main does not believe. So: three calls of libc. Where it is missing, nothing is said and nothing fails.

import { dlopen, FFIType, ptr } from 'bun:ffi'
import type { Clock } from '../core/ports.ts'
import type { Milliseconds } from '../core/time.ts'

export interface ServiceManager {
  ready(status: string): void
  reloading(): void
  stopping(): void
  status(text: string): void
}

export interface ServiceManagerOptions {
  /** $NOTIFY_SOCKET; null when nobody listens. */
  readonly socket: string | null
  /** $WATCHDOG_USEC in milliseconds; null without a watchdog. */
  readonly watchdog: Milliseconds | null
  readonly clock: Clock
  /** The watchdog is fed only while this holds. */
  readonly isAlive: () => boolean
}

export function openServiceManager(options: ServiceManagerOptions): ServiceManager {
  const tell = options.socket === null ? () => undefined : openDatagram(options.socket)
  if (options.watchdog !== null) feed(options.watchdog / 2, options, tell)
  return {
    ready: (status) => tell(`READY=1\nSTATUS=${oneLine(status)}`),
    // Type=notify-reload wants to know since when (sd_notify(3), MONOTONIC_USEC).
    reloading: () => tell(`RELOADING=1\nMONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    stopping: () => tell('STOPPING=1'),
    status: (text) => tell(`STATUS=${oneLine(text)}`),
  }
}

function feed(
  every: Milliseconds,
  { clock, isAlive }: ServiceManagerOptions,
  tell: (state: string) => void,
): void {
  const turn = (): void => {
    if (isAlive()) tell('WATCHDOG=1')
    clock.after(every, turn)
  }
  turn()
}

const oneLine = (text: string): string => text.replace(/\p{Cc}/gu, ' ')

const AF_UNIX = 1
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000
const MSG_DONTWAIT_NOSIGNAL = 0x40 | 0x4000
/** sun_family and 108 octets of sun_path (unix(7)). */
const SOCKADDR_SIZE = 110

function openDatagram(path: string): (state: string) => void {
  const libc = openLibc()
  const address = addressOf(path)
  if (libc === null || address === null) return () => undefined
  return (state) => {
    const fd = libc.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0)
    if (fd < 0) return
    const bytes = Buffer.from(state)
    libc.sendto(fd, ptr(bytes), bytes.length, MSG_DONTWAIT_NOSIGNAL, ptr(address.bytes), address.length)
    libc.close(fd)
  }
}

/** `@name` stands for the abstract name space: its first octet is NUL and it has no closing one. */
function addressOf(path: string): { readonly bytes: Buffer; readonly length: number } | null {
  const bytes = Buffer.alloc(SOCKADDR_SIZE)
  const size = Buffer.byteLength(path)
  if (size === 0 || size > SOCKADDR_SIZE - 3) return null
  bytes.writeUInt16LE(AF_UNIX, 0)
  bytes.write(path, 2)
  const isAbstract = path.startsWith('@')
  if (isAbstract) bytes[2] = 0
  return { bytes, length: 2 + size + (isAbstract ? 0 : 1) }
}

function openLibc() {
  for (const name of ['libc.so.6', 'libc.so']) {
    try {
      return dlopen(name, {
        socket: { args: [FFIType.i32, FFIType.i32, FFIType.i32], returns: FFIType.i32 },
        sendto: {
          args: [FFIType.i32, FFIType.ptr, FFIType.u64, FFIType.i32, FFIType.ptr, FFIType.u32],
          returns: FFIType.i64,
        },
        close: { args: [FFIType.i32], returns: FFIType.i32 },
      }).symbols
    } catch {
      // The next name; at the end silence.
    }
  }
  return null
}
