//
// Owns: the configuration of `mailwok try`: everything in one folder, nothing privileged, no mail to the internet.

import { mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Trial {
  readonly file: string
  readonly http: number
  readonly smtp: number
  readonly smtps: number
  readonly captured: string
}

/** A sender's domain that belongs to nobody (RFC 2606). */
export const TRIAL_DOMAIN = 'example.com'
/** sun_path holds 108 octets (unix(7)). */
const LONGEST_SOCKET_PATH = 100

export function prepareTrial(folder: string): Trial {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const ports = { http: portNear(8080), https: portNear(8443), smtp: portNear(2587), smtps: portNear(2465) }
  const file = join(folder, 'mailwok.toml')
  writeFileSync(file, tomlOf(folder, ports), { mode: 0o600 })
  return { file, http: ports.http, smtp: ports.smtp, smtps: ports.smtps, captured: join(folder, 'captured') }
}

function tomlOf(
  folder: string,
  ports: Readonly<Record<'http' | 'https' | 'smtp' | 'smtps', number>>,
): string {
  const inside = join(folder, 'admin.sock')
  const socket =
    inside.length <= LONGEST_SOCKET_PATH ? inside : join(tmpdir(), `mailwok-try-${process.pid}.sock`)
  const text = JSON.stringify
  return `# Written by \`mailwok try\`, again at each start. \`mailwok config default\` prints every key.
[server]
hostname = "mail.localhost"
data_dir = ${text(folder)}

[api]
https = "127.0.0.1:${ports.https}"
http = "127.0.0.1:${ports.http}"
admin_socket = ${text(socket)}

[submission]
starttls = "127.0.0.1:${ports.smtp}"
tls = "127.0.0.1:${ports.smtps}"

[inbound]
listen = ""               # nobody writes back: no mail leaves

[tls]
mode = "self-signed"

[domains]
require_verification = false

[delivery]
mode = "capture"          # into captured/ instead of the internet

[log]
level = "warn"
`
}

/** The wanted port, else one that the system gives. */
function portNear(wanted: number): number {
  for (const port of [wanted, 0]) {
    try {
      const probe = Bun.listen({ hostname: '127.0.0.1', port, socket: { data: () => undefined } })
      const free = probe.port
      probe.stop(true)
      return free
    } catch {
      // In use: the next one.
    }
  }
  return 0
}
