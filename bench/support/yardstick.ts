//
// Owns: two costs of this machine that no program here can change, without which its figures cannot be compared with
// another's: one RSA-2048 signature, and one sync of a small write.

import { generateKeyPairSync, sign } from 'node:crypto'
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const SIGNATURES = 300
const SYNCS = 200

export const yardstick = (): string =>
  `one RSA-2048 signature takes ${signatureMs().toFixed(2)} ms of processor time here, one fdatasync of 8 KB ${syncMs().toFixed(2)} ms (median)`

function signatureMs(): number {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const bytes = Buffer.alloc(500)
  const before = process.threadCpuUsage()
  for (let count = 0; count < SIGNATURES; count += 1) sign('sha256', bytes, privateKey)
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000 / SIGNATURES
}

function syncMs(): number {
  const folder = mkdtempSync(join(process.env['BENCH_DIR'] ?? tmpdir(), 'mailwok-bench-'))
  const fd = openSync(join(folder, 'sync'), 'w')
  try {
    const bytes = Buffer.alloc(8192)
    const times = Array.from({ length: SYNCS }, () => {
      writeSync(fd, bytes)
      const start = performance.now()
      fdatasyncSync(fd)
      return performance.now() - start
    })
    return times.sort((a, b) => a - b)[SYNCS / 2] ?? Number.NaN
  } finally {
    closeSync(fd)
    rmSync(folder, { recursive: true, force: true })
  }
}
