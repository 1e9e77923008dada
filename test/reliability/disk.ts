//
// Owns: a small disk of memory that only this trial sees: a tmpfs in a mount namespace of its own, held by a process
// that sleeps. Nodes are started inside; we reach it through /proc.

import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type Lab, until } from './lab.ts'

export interface SmallDisk {
  /** Where it is mounted, inside. */
  readonly path: string
  /** Runs a command inside. */
  readonly within: readonly string[]
  /** Takes the last free page. */
  fill(): void
  free(): void
  /** 0 for a file that is not there. */
  sizeOf(name: string): number
}

const MEGABYTE = 1024 * 1024
const PAGE = 4096

export async function smallDisk(lab: Lab, megabytes: number): Promise<SmallDisk> {
  const path = join(lab.folder, 'disk')
  mkdirSync(path)
  const holder = Bun.spawn(
    [
      ...['setpriv', '--pdeathsig', 'KILL', '--', 'unshare', '-m', '--', 'sh', '-c'],
      `mount -t tmpfs -o size=${megabytes}m tmpfs "$0" && exec sleep 600`,
      path,
    ],
    { stdin: 'ignore', stdout: 'ignore', stderr: 'inherit' },
  )
  lab.defer(() => {
    holder.kill('SIGKILL')
    return holder.exited
  })
  // From out here the same folder under another root: the holder's.
  const seen = `/proc/${holder.pid}/root${path}`
  await until('the disk to be mounted', () =>
    readFileSync(`/proc/${holder.pid}/mounts`, 'utf8').includes(path),
  )
  const filler = join(seen, 'filler')
  return {
    path,
    within: ['nsenter', `--mount=/proc/${holder.pid}/ns/mnt`, '--'],
    fill: () => fill(filler),
    free: () => rmSync(filler, { force: true }),
    sizeOf: (name) => statSync(join(seen, name), { throwIfNoEntry: false })?.size ?? 0,
  }
}

function fill(path: string): void {
  const file = openSync(path, 'a')
  try {
    for (const size of [MEGABYTE, PAGE]) writeUntilFull(file, Buffer.alloc(size))
  } finally {
    closeSync(file)
  }
}

function writeUntilFull(file: number, zeros: Buffer): void {
  try {
    while (writeSync(file, zeros) === zeros.length);
  } catch (error) {
    if (!String(error).includes('ENOSPC')) throw error
  }
}
