//
// What SMTP sessions say is in the documentation, by code and enhanced code: listed from the replies themselves.

import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import * as replies from '../../../src/edge/smtpd/replies.ts'

const PAGE = ['smtp', 'inbound']
  .map((name) => readFileSync(new URL(`../../../docs/${name}.md`, import.meta.url), 'utf8'))
  .join('\n')

const said = Object.entries(replies).flatMap(([name, reply]) =>
  typeof reply === 'object' && reply !== null && 'code' in reply && reply.code >= 400
    ? [[name, `${reply.code} ${reply.text.split(' ')[0]}`] as const]
    : [],
)

test('replies were found', () => expect(said.length).toBeGreaterThan(25))

test.each(said)('%s: %s', (_, code) => expect(PAGE.includes(code)).toBe(true))
