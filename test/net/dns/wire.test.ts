import { describe, expect, test } from 'bun:test'
import { AUTHORITATIVE_ANSWER, encode, type Packet } from 'dns-packet'
import fc from 'fast-check'
import { interpret } from '../../../src/net/dns/interpret.ts'
import {
  asQuestionName,
  decodeReply,
  encodeQuestion,
  idOf,
  normalName,
  type Question,
} from '../../../src/net/dns/wire.ts'

const MX: Question = { name: 'example.test', type: 'MX' }

function reply(over: Partial<Packet> = {}): Buffer {
  return encode({
    type: 'response',
    id: 7,
    flags: AUTHORITATIVE_ANSWER,
    questions: [{ name: 'example.test', type: 'MX' }],
    answers: [{ type: 'MX', name: 'example.test', ttl: 60, data: { preference: 10, exchange: 'mx.test' } }],
    ...over,
  })
}

describe('whatever bytes come as an answer, nothing throws', () => {
  const readable = (bytes: Uint8Array): void => {
    const id = idOf(bytes)
    const decoded = decodeReply(Buffer.from(bytes), id ?? 0, MX)
    if (decoded) interpret(decoded, MX)
  }

  test('arbitrary bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), readable), { numRuns: 2000 })
  })

  test('a true head, then arbitrary bytes', () => {
    const head = reply().subarray(0, 12 + 14 + 4)
    const tail = fc.uint8Array({ maxLength: 600 })
    fc.assert(
      fc.property(tail, (bytes) => readable(Buffer.concat([head, bytes]))),
      { numRuns: 2000 },
    )
  })

  test('a true answer with some octets changed or its end cut off', () => {
    const change = fc.tuple(fc.nat(200), fc.nat(255))
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), fc.nat(200), (changes, length) => {
        const bytes = Buffer.from(reply())
        for (const [at, value] of changes) bytes[at % bytes.length] = value
        readable(bytes.subarray(0, length))
      }),
      { numRuns: 3000 },
    )
  })

  test('any text is asked for or refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const name = asQuestionName(text)
        if (name !== null) encodeQuestion(1, { name, type: 'A' }, true)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('what is no answer to this question is null', () => {
  test.each([
    ['another id', reply({ id: 8 })],
    ['a question instead of an answer', reply({ type: 'query' })],
    ['another name', reply({ questions: [{ name: 'other.test', type: 'MX' }] })],
    ['another type', reply({ questions: [{ name: 'example.test', type: 'A' }] })],
    ['another class', reply({ questions: [{ name: 'example.test', type: 'MX', class: 'CH' }] })],
    ['no question', reply({ questions: [] })],
    ['two questions', reply({ questions: [MX, MX] })],
    ['nothing', Buffer.alloc(0)],
    ['a head alone', reply().subarray(0, 12)],
  ])('%s', (_what, bytes) => {
    expect(decodeReply(bytes, 7, MX)).toBeNull()
  })
})

test('a question repeated in other letters is the same question', () => {
  expect(decodeReply(reply({ questions: [{ name: 'EXAMPLE.test', type: 'MX' }] }), 7, MX)).not.toBeNull()
})

test.each([
  ['NOERROR without the word of an authority', { flags: 0, answers: [] }, 'failed'],
  ['NXDOMAIN without the word of an authority', { flags: 3, answers: [] }, 'failed'],
  ['NXDOMAIN of an authority', { flags: AUTHORITATIVE_ANSWER | 3, answers: [] }, 'no'],
  ['records without the word of an authority (a plain forwarder)', { flags: 0 }, 'found'],
  ['SERVFAIL with records', { flags: 2 }, 'failed'],
  ['an extended code', { additionals: [opt(1)] }, 'failed'],
] as const)('%s', (_what, over, kind) => {
  const decoded = decodeReply(reply(over as Partial<Packet>), 7, MX)
  expect(decoded && interpret(decoded, MX).kind).toBe(kind)
})

test('records of other names beside the answer are not believed', () => {
  const decoded = decodeReply(
    reply({
      answers: [{ type: 'MX', name: 'other.test', ttl: 60, data: { preference: 1, exchange: 'evil.test' } }],
    }),
    7,
    MX,
  )
  expect(decoded && interpret(decoded, MX)).toEqual({ kind: 'no', fault: 'nodata', ttl: null })
})

test('only A to Z are folded: the Kelvin sign stays what it is', () => {
  expect(normalName('MX.\u212Aelvin.Test.')).toBe('mx.\u212Aelvin.test')
})

function opt(extendedRcode: number) {
  return {
    type: 'OPT' as const,
    name: '.',
    udpPayloadSize: 1232,
    extendedRcode,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  }
}
