//
// Owns: the other end of the admin socket: the same actions as a running node has, each a call over the wire.

import { ADMIN_ACTIONS, type Admin, type AdminFault } from '../src/admin/admin.ts'
import { USER_FIELD } from '../src/admin/socket.ts'
import { fault, ok, type Result } from '../src/core/result.ts'

/** Null when no node listens there. */
export async function connectAdmin(socket: string): Promise<Admin | null> {
  if (socket === '') return null
  try {
    // Any answer will do: somebody is at home.
    await fetch('http://localhost/', { unix: socket })
  } catch (error) {
    if (isForbidden(error)) throw new SocketForbidden(socket)
    return null
  }
  const actions = Object.fromEntries(
    ADMIN_ACTIONS.map((name) => [name, (ask: object) => call(socket, name, ask)]),
  )
  // The list of names is complete by its type, and the node speaks the same version of it.
  return { ...(actions as unknown as Admin), close: async () => undefined }
}

/** There is a node, but this user may not speak to it: opening its store beside it would be worse. */
export class SocketForbidden extends Error {
  constructor(socket: string) {
    super(`no permission for ${socket}; run this as root or as a member of its group`)
  }
}

const isForbidden = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM')

async function call(socket: string, action: string, ask: object): Promise<Result<unknown, AdminFault>> {
  let answer: Response
  try {
    answer = await fetch(`http://localhost/admin/${action}`, {
      unix: socket,
      method: 'POST',
      headers: { 'content-type': 'application/json', [USER_FIELD]: String(process.getuid?.() ?? '') },
      body: JSON.stringify(ask),
    })
  } catch (error) {
    return fault({ code: 'node_lost', message: `the node at ${socket} went away: ${String(error)}` })
  }
  const body: unknown = await answer.json().catch(() => null)
  return answer.ok ? ok(body) : fault(faultOf(body))
}

function faultOf(body: unknown): AdminFault {
  if (typeof body === 'object' && body !== null && 'error' in body) return body.error as AdminFault
  return { code: 'internal', message: 'the node gave an answer that is not understood' }
}
