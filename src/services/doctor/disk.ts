//
// Owns: whether the disk under the data folder has room, can be written to, and keeps its word quickly.

import { open, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Diagnosis } from '../../core/diagnosis.ts'
import type { Clock } from '../../core/ports.ts'
import type { Milliseconds } from '../../core/time.ts'
import { fail, fine, unknown, warn } from './say.ts'

export interface DiskFacts {
  readonly folder: string
  /** Octets that this user may still write; null: it could not be asked. */
  readonly free: number | null
  readonly size: number
  readonly network: boolean
  /** Of several durable writes, the middle one; or the code of the fault. */
  readonly synced: Milliseconds | string
}

const GB = 1e9
/** Below it the store gives up its reserve and refuses mail. */
const FULL: number = 64e6
const LOW_SHARE = 0.1
const LOW: number = 2 * GB
/** 20 commits a second at most: who sends at 200 a second waits in line. */
const SLOW: Milliseconds = 50
const WRITES = 5
const BLOCK = 4096
/** statfs(2): NFS, SMB 1 and 2, CIFS, 9P, Ceph. */
const NETWORK_TYPES: ReadonlySet<number> = new Set([
  0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x01021997, 0x00c36400,
])

export async function tryDisk(folder: string, clock: Pick<Clock, 'monotonic'>): Promise<DiskFacts> {
  const about = await statfs(folder).catch(() => null)
  return {
    folder,
    free: about === null ? null : about.bavail * about.bsize,
    size: about === null ? 0 : about.blocks * about.bsize,
    network: about !== null && NETWORK_TYPES.has(about.type >>> 0),
    synced: await timeOfSync(join(folder, '.doctor-probe'), clock),
  }
}

async function timeOfSync(path: string, clock: Pick<Clock, 'monotonic'>): Promise<Milliseconds | string> {
  try {
    const file = await open(path, 'w', 0o600)
    try {
      const took: Milliseconds[] = []
      for (let turn = 0; turn < WRITES; turn++) {
        const begin = clock.monotonic()
        await file.write(Buffer.alloc(BLOCK, turn))
        await file.datasync()
        took.push(clock.monotonic() - begin)
      }
      return took.toSorted((a, b) => a - b)[Math.floor(WRITES / 2)] ?? 0
    } finally {
      await file.close()
      await rm(path, { force: true })
    }
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

export function judgeDisk(facts: DiskFacts): readonly Diagnosis[] {
  const { folder, free, network, size, synced } = facts
  const found: Diagnosis[] = []
  const subject = folder
  if (free === null) {
    return [
      unknown('disk_low', {
        subject,
        why: `The disk under ${folder} could not be asked for its room.`,
        fix: [`df -h ${folder}`],
      }),
    ]
  }
  const room = `${gigabytes(free)} of ${gigabytes(size)} GB are free`
  if (free < FULL) {
    const why = `${room}: new mail is refused until there is more (452 4.3.1, 507).`
    found.push(fail('disk_full', { subject, why, fix: spaceLines(folder) }))
  } else if (free < LOW && free < size * LOW_SHARE) {
    found.push(warn('disk_low', { subject, why: `${room}.`, fix: spaceLines(folder) }))
  }
  if (synced === 'EROFS') {
    const why =
      'The disk is mounted read-only: nothing can be accepted, and nothing that is sent can be noted.'
    found.push(fail('disk_read_only', { subject, why, fix: readOnlyLines(folder) }))
  } else if (synced === 'ENOSPC') {
    if (free >= FULL) {
      const why = 'The disk has room, but no more files fit on it (inodes).'
      found.push(fail('disk_full', { subject, why, fix: [`df -i ${folder}`] }))
    }
  } else if (typeof synced === 'number' && synced > SLOW) {
    const why = `A durable write takes ${Math.round(synced)} ms: a message is only said to be accepted after one, and all that come meanwhile wait for it.`
    found.push(
      warn('disk_slow', {
        subject,
        why,
        fix: ['Move server.data_dir to a local SSD, or ask the hoster for a quicker disk.'],
      }),
    )
  }
  if (network) {
    const why =
      'The store is on a network file system, whose locks and fsync do not keep what they promise: mail can be lost or sent twice.'
    found.push(
      fail('disk_network', {
        subject,
        why,
        fix: ['Move server.data_dir to a local disk, or use PostgreSQL (store.url).'],
      }),
    )
  }
  if (found.length > 0) return found
  const quick = typeof synced === 'number' ? `; a durable write takes ${synced.toFixed(1)} ms` : ''
  return [fine('disk', subject, `${room}${quick}.`)]
}

const gigabytes = (octets: number): string => (octets / GB).toFixed(octets < 10 * GB ? 1 : 0)

const spaceLines = (folder: string): readonly string[] => [
  `du -xh --max-depth=1 ${folder} | sort -h`,
  'journalctl --vacuum-size=200M',
  'Keep less ([retention] content = "1d"), or enlarge the disk.',
]

const readOnlyLines = (folder: string): readonly string[] => [
  `findmnt -T ${folder}`,
  'dmesg | grep -iE "ext4|xfs|I/O error"    # a disk that fails is set read-only by the kernel',
  `mount -o remount,rw $(findmnt -no TARGET -T ${folder})`,
]
