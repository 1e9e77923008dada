//
// Owns: the data folder and the configuration that an appliance in a test starts from. The first folder of a process is
// made by a real start, with the domain, its keys and the API key; the others are copies, for a key pair costs a second.

import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runAppliance } from '../../src/appliance.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Config } from '../../src/config/schema.ts'
import { DAY } from '../../src/core/time.ts'
import { handClock } from './clock.ts'

export const LAB_DOMAIN = 'example.com'
export const LAB_KEY = 'mwk_live_Lab0Lab0Lab0Lab0'
export const TEST_KEY = 'mwk_test_Lab0Lab0Lab0Lab0'
const SEED = 'mailwok-seed-'
export const LAB_START = Date.UTC(2026, 0, 2)

/** `section.key` with the text that an environment variable would hold. */
export type Settings = Readonly<Record<string, string>>

const FILE = `
[server]
hostname = "mail.lab.test"
operator = "ops@operator.test"
[api]
https = ""
http = "127.0.0.1:0"
[submission]
starttls = "127.0.0.1:0"
tls = "127.0.0.1:0"
plain = ""
[inbound]
listen = "127.0.0.1:0"
greeting_pause = "0ms"
[tls]
mode = "self-signed"
[dns]
timeout = "2s"
[domains]
require_verification = false
[delivery]
allow_private_destinations = true
workers = 1
[delivery.timeouts]
connect = "5s"
greeting = "5s"
command = "5s"
data = "5s"
block = "5s"
final_dot = "5s"
[log]
level = "error"
[[domain]]
name = "${LAB_DOMAIN}"
[[key]]
name = "lab"
secret = "${LAB_KEY}"
[[key]]
name = "test"
secret = "${TEST_KEY}"
`

/** Further tables, such as `[[domain]]`, are appended as they are. */
export function writeConfig(folder: string, more = ''): string {
  const file = join(folder, 'mailwok.toml')
  writeFileSync(file, `${FILE}\n${more}`)
  return file
}

export function readConfig(folder: string, settings: Settings, more = ''): Config {
  const flags = new Map(Object.entries({ ...placesIn(folder), ...settings }))
  const loaded = loadConfig({ file: writeConfig(folder, more), flags }, {})
  if (!loaded.ok) throw new Error(loaded.error.map((fault) => fault.say).join('\n'))
  return loaded.value.config
}

export const placesIn = (folder: string): Settings => ({
  'server.data_dir': join(folder, 'data'),
  'api.admin_socket': join(folder, 'admin.sock'),
})

/** A folder of its own, in which the domain and the keys are known already. */
export async function freshFolder(): Promise<string> {
  const seed = join(tmpdir(), SEED + process.pid)
  if (!existsSync(seed)) await makeSeed(seed)
  const folder = emptyFolder()
  cpSync(join(seed, 'data'), join(folder, 'data'), { recursive: true })
  return folder
}

export const emptyFolder = (): string => mkdtempSync(join(tmpdir(), 'mailwok-lab-'))

/** A day before every lab's time, so that no id is given twice. */
async function makeSeed(seed: string): Promise<void> {
  const draft = emptyFolder()
  mkdirSync(join(draft, 'data'))
  const stop = new AbortController()
  const world = { clock: handClock(LAB_START - DAY), dice: () => 0.5 }
  await runAppliance(readConfig(draft, {}), stop.signal, { onReady: () => stop.abort(), world })
  renameSync(draft, seed)
  sweepSeeds()
}

/** The test runner ends without telling: seeds of processes that are gone are removed by the next one. */
function sweepSeeds(): void {
  if (!existsSync('/proc/self')) return
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(SEED) || existsSync(`/proc/${name.slice(SEED.length)}`)) continue
    rmSync(join(tmpdir(), name), { recursive: true, force: true })
  }
}
