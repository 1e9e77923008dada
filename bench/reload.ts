//
// Owns: what a new certificate costs those who are connected or connect: SIGHUP under load.
// Run: bun run build && bun bench/reload.ts [seconds]

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClientName, reloadUnderLoad } from '../test/support/reload-load.ts'
import { MAILWOK } from './support/mailwok.ts'
import { table, writeSection } from './support/results.ts'

const seconds = Number(process.argv[2] ?? 20)
const EVERY_MS = 100

const folder = mkdtempSync(join(tmpdir(), 'mailwok-reload-'))
const { certificates, done, failed, reloads } = await reloadUnderLoad({
  folder,
  command: [MAILWOK, 'serve'],
  seconds,
  every: EVERY_MS,
})
rmSync(folder, { recursive: true, force: true })

const failures = (name: ClientName): number =>
  Object.entries(failed).reduce((sum, [words, times]) => sum + (words.startsWith(`${name}: `) ? times : 0), 0)
const rows = Object.entries(done).map(([name, times]) => [name, times, failures(name as ClientName)])
const words = Object.entries(failed).map(([what, times]) => `${times} × ${what}`)
const body = `The files of the certificate are replaced and SIGHUP is sent every ${EVERY_MS} ms for ${seconds} s: ${reloads} times; clients saw ${certificates} different certificates.
Four clients of each kind work as fast as they can, on the same two cores.

${table({ head: ['client', 'exchanges', 'failed'], rows })}${words.length === 0 ? '' : `\n\n${words.join('; ')}`}`
if (process.env['BENCH_DRY'] === '1') console.log(body)
else
  writeSection({
    script: 'reload',
    title: 'A new certificate under load',
    command: ['bun bench/reload.ts', ...process.argv.slice(2)].join(' '),
    programs: ['mailwok'],
    body,
  })
