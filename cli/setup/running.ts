//
// Owns: a node that runs with the configuration as it is now: found, started or started anew; else the command for it.

import { statSync } from 'node:fs'
import type { Admin, AdminFault } from '../../src/admin/admin.ts'
import type { Loaded } from '../../src/config/load.ts'
import { fault, ok, type Result } from '../../src/core/result.ts'
import { connectAdmin } from '../client.ts'
import { ran, serviceOf, stateOf } from '../commands/upgrade.ts'

export interface Node {
  readonly admin: Admin
  readonly did: 'found' | 'started' | 'restarted'
}

const ROUNDS = 300
const BETWEEN_ASKS_MS = 200

export async function nodeFor(
  { config, file }: Loaded,
  service: string | undefined,
): Promise<Result<Node, AdminFault>> {
  const socket = config.api.adminSocket
  if (socket === '') {
    const message = 'api.admin_socket is off: nobody can be asked to add a domain'
    return fault({ code: 'no_admin_socket', message })
  }
  const admin = await connectAdmin(socket)
  if (admin !== null && !(await isOlder(admin, file))) return ready(socket, 'found')
  const call = serviceOf(service === undefined ? {} : { service })
  if (call === null) {
    const message =
      admin === null
        ? `no node runs, and there is no systemd: start it, then run setup again: mailwok serve --config ${file}`
        : 'the configuration is newer than the node that runs: stop it and start it, then run setup again'
    return fault({ code: 'not_running', message })
  }
  for (const verb of admin === null ? ['start'] : ['stop', 'start']) {
    const done = await ran([...call, verb])
    if (!done.ok) return fault({ code: 'not_running', message: `${verb} of the node failed: ${done.said}` })
  }
  return ready(socket, admin === null ? 'started' : 'restarted')
}

/** A restart that did not happen the last time is made up for. */
async function isOlder(admin: Admin, file: string | null): Promise<boolean> {
  const asked = await admin.status({})
  const started = asked.ok ? asked.value.started_at : null
  if (started === null || file === null) return false
  return statSync(file).mtimeMs > Date.parse(started)
}

async function ready(socket: string, did: Node['did']): Promise<Result<Node, AdminFault>> {
  let why = 'nobody answers at its admin socket: journalctl -u mailwok says why'
  for (let round = 0; round < ROUNDS; round += 1) {
    const state = await stateOf(socket)
    const admin = state?.ready === true ? await connectAdmin(socket) : null
    if (admin !== null) return ok({ admin, did })
    if (state !== null) why = state.reasons
    await Bun.sleep(BETWEEN_ASKS_MS)
  }
  return fault({ code: 'not_ready', message: `the node did not become ready within a minute: ${why}` })
}
