//
// Owns: asking an appliance about templates, and the letter that comes of one.

import { expect } from 'bun:test'
import { AUTHORIZED, type Lab } from './appliance.ts'

export interface Told {
  readonly status: number
  readonly body: {
    readonly message_id: string
    readonly data: readonly { readonly name: string; readonly version: number }[]
    readonly has_more: boolean
    readonly remarks: readonly string[]
    readonly template: {
      readonly id: string
      readonly newest_version: number
      readonly published_version: number | null
    }
    readonly preview: {
      readonly subject: string
      readonly html: string
      readonly text: string
      readonly warnings: readonly { readonly code: string }[]
    }
    readonly variables: readonly { readonly name: string; readonly required: boolean }[]
    readonly error: {
      readonly code: string
      readonly message: string
      readonly fields: readonly { readonly path: string; readonly code: string; readonly message: string }[]
    }
  }
}

export function templateLab(labOf: () => Lab) {
  const ask = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = AUTHORIZED,
  ): Promise<Told> => {
    const answer = await labOf().fetch(path, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: answer.status, body: (await answer.json()) as Told['body'] }
  }
  const send = (fields: object) =>
    ask('POST', '/v1/email/send', {
      from: 'shop@example.com',
      to: 'rcpt@example.net',
      track_opens: false,
      ...fields,
    })
  return {
    ask,
    add: (body: object) => ask('POST', '/v1/templates', body),
    change: (name: string, body: object) => ask('PATCH', `/v1/templates/${name}`, body),
    /** The bytes of the next letter. */
    letterOf: async (fields: object): Promise<string> => {
      const before = labOf().mx.messages.length
      const sent = await send(fields)
      expect(sent).toMatchObject({ status: 200 })
      await labOf().ended(sent.body.message_id)
      return labOf().mx.messages[before]?.bytes.toString('latin1') ?? ''
    },
    refused: async (fields: object) => {
      const { status, body } = await send(fields)
      return { status, code: body.error.code, field: body.error.fields[0], message: body.error.message }
    },
  }
}
