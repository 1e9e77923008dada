import { describe, expect, test } from 'bun:test'
import { leavesOf, readContentType } from '../../../src/mail/mime/tree.ts'

describe('Content-Type', () => {
  test.each([
    [null, 'text/plain', {}],
    ['', 'text/plain', {}],
    ['nonsense', 'text/plain', {}],
    ['Text/HTML', 'text/html', {}],
    ['text/html; charset=UTF-8', 'text/html', { charset: 'UTF-8' }],
    [' text/html ;Charset = "a b\\"c" ; x=y', 'text/html', { charset: 'a b"c', x: 'y' }],
    ['multipart/mixed; boundary="a;b=c"', 'multipart/mixed', { boundary: 'a;b=c' }],
    ['text/html; charset=a; charset=b', 'text/html', { charset: 'a' }],
    ['text/html; charset="never closed', 'text/html', { charset: '' }],
    ['multipart/mixed; boundary==_x=_; y', 'multipart/mixed', { boundary: '=_x=_' }],
  ])('%j', (value, type, parameters) => {
    const read = readContentType(value)
    expect(read.type).toBe(type)
    expect(Object.fromEntries(read.parameters)).toEqual(parameters as never)
  })
})

test('leaves stand where their octets stand', () => {
  const message = [
    'Content-Type: multipart/mixed; boundary=b',
    '',
    'preamble',
    '--b',
    '',
    'one',
    '',
    '--b ',
    'Content-Type: multipart/related; boundary="b-c"',
    '',
    '--b-c',
    'Content-Type: image/png',
    '',
    '--b-c',
    'Content-Type: message/rfc822',
    '',
    'Content-Type: text/html',
    '',
    '--b-c--',
    '--b--',
    'epilogue',
    '--b',
    '',
    'none',
    '',
  ].join('\r\n')
  const bytes = Buffer.from(message)
  const leaves = leavesOf(bytes) ?? []
  expect(
    leaves.map(({ type, inside, bodyStart, bodyEnd }) => [
      type,
      inside.length,
      message.slice(bodyStart, bodyEnd),
    ]),
  ).toEqual([
    ['text/plain', 1, 'one\r\n'],
    ['image/png', 2, ''],
    ['message/rfc822', 2, 'Content-Type: text/html\r\n'],
  ])
})
