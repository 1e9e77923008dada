//
// Owns: the admin socket: `POST /admin/<action>` with JSON in and out, on a unix socket that its file mode guards.
// Never: what an action does (admin-actions.ts). Whoever may open the socket may do everything.

import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Log } from '../core/ports.ts'
import { fault, ok, type Result } from '../core/result.ts'
import { ADMIN_ACTIONS, type AdminActions, type AdminFault } from './admin.ts'
import type { NoteAct } from './audited.ts'

export interface AdminSocket {
  stop(): Promise<void>
}

/** The group of the socket's folder may use it too. */
const MODE = 0o660
/** As whom the other end runs; it may say what it likes. */
export const USER_FIELD = 'x-mailwok-user'
/** Mail by `mailwok send` comes this way; larger things go by REST. */
const MAX_BODY = 32 * 1024 * 1024

/** A socket that another process still answers on is left alone; a dead one of an earlier boot is replaced. */
export async function serveAdmin(
  path: string,
  actions: AdminActions,
  { log, note }: { readonly log: Log; readonly note: NoteAct },
): Promise<Result<AdminSocket, string>> {
  if (existsSync(path)) {
    if (await isAlive(path)) return fault(`${path} is in use by a running node`)
    rmSync(path, { force: true })
  }
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o750 })
    const listener = Bun.serve({
      unix: path,
      maxRequestBodySize: MAX_BODY,
      fetch: (call, listener) => {
        // A backup of a large store takes its time: no idle limit for this one call.
        listener.timeout(call, 0)
        return answer(call, actions, { log, note })
      },
    })
    chmodSync(path, MODE)
    return ok({
      stop: async () => {
        await listener.stop(false)
        rmSync(path, { force: true })
      },
    })
  } catch (error) {
    return fault(error instanceof Error ? error.message : String(error))
  }
}

async function isAlive(path: string): Promise<boolean> {
  try {
    await fetch('http://localhost/', { unix: path })
    return true
  } catch {
    return false
  }
}

async function answer(
  call: Request,
  actions: AdminActions,
  { log, note }: { readonly log: Log; readonly note: NoteAct },
): Promise<Response> {
  const { pathname } = new URL(call.url)
  const name = ADMIN_ACTIONS.find((action) => pathname === `/admin/${action}`)
  if (!name) return refusal(404, { code: 'not_found', message: `${pathname} is no admin action` })
  if (call.method !== 'POST') return refusal(405, { code: 'method_not_allowed', message: 'want POST' })
  const ask = await call.json().catch(() => null)
  if (typeof ask !== 'object' || ask === null || Array.isArray(ask)) {
    return refusal(400, { code: 'malformed', message: 'the body is not a JSON object' })
  }
  try {
    const done = await dispatch(actions, name, ask)
    if (!done.ok) return refusal(422, done.error)
    await note(name, ask, call.headers.get(USER_FIELD) ?? '')
    return Response.json(done.value)
  } catch (error) {
    log.error('admin action failed', { action: name, detail: String(error) })
    return refusal(500, { code: 'internal', message: `${name} failed; the log says why` })
  }
}

/** The other end is our own command line of the same version: shapes were proven by its compiler. */
function dispatch(
  actions: AdminActions,
  name: keyof AdminActions,
  ask: object,
): Promise<Result<unknown, AdminFault>> {
  const action = actions[name] as (ask: object) => Promise<Result<unknown, AdminFault>>
  return action(ask)
}

const refusal = (status: number, error: AdminFault): Response => Response.json({ error }, { status })
