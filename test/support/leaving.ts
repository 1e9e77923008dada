//
// Owns: marketing mail of a lab, the ways out that stand in its header, and those who take them.

import { expect } from 'bun:test'
import type { Lab } from './appliance.ts'

export const MARKETING = { stream: 'marketing', list: 'news.weekly' } as const

/** One field of the last message that reached the MX, unfolded; null: it has none. */
export function field(lab: Pick<Lab, 'mx'>, name: string): string | null {
  const raw = lab.mx.messages.at(-1)?.bytes.toString('latin1') ?? ''
  const header = raw.slice(0, raw.indexOf('\r\n\r\n') + 2).replace(/\r\n[ \t]/g, ' ')
  return new RegExp(`^${name}: (.*)\r$`, 'im').exec(header)?.[1] ?? null
}

export function waysOut(lab: Pick<Lab, 'mx'>): { readonly path: string; readonly mailbox: string } {
  const value = field(lab, 'List-Unsubscribe') ?? ''
  const [, url = '', mailbox = ''] =
    /^<(https?:[^>]+)>, <mailto:([^?>]+)\?subject=unsubscribe>$/.exec(value) ?? []
  return { path: new URL(url).pathname, mailbox }
}

export const oneClick = (lab: Lab, path: string): Promise<Response> =>
  lab.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'Provider/1.0' },
    body: 'List-Unsubscribe=One-Click',
  })

export const press = (lab: Lab, path: string, fields: Readonly<Record<string, string>>): Promise<Response> =>
  lab.fetch(path, { method: 'POST', body: new URLSearchParams(fields) })

export async function sendAndSee(
  lab: Lab,
  fields: Readonly<Record<string, unknown>> = MARKETING,
): Promise<string> {
  const id = await lab.sent(fields)
  await lab.ended(id)
  return id
}

/** The status of the next mail of that kind. */
export async function next(lab: Lab, fields: Readonly<Record<string, unknown>>): Promise<string> {
  const { status, body } = await lab.send(fields)
  expect(status).toBe(200)
  return body.status ?? ''
}
