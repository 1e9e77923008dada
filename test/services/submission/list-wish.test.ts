import { expect, test } from 'bun:test'
import {
  isListLabel,
  listWishes,
  namesWayOut,
  ownFields,
  readOwnWayOut,
} from '../../../src/services/submission/list-wish.ts'

test.each([
  ['transactional', { list: null, wanted: null, hasOwn: false }, {}],
  ['transactional', { list: 'news', wanted: null, hasOwn: false }, { list: 'news' }],
  ['transactional', { list: null, wanted: false, hasOwn: false }, {}],
  [
    'transactional',
    { list: null, wanted: true, hasOwn: false },
    { unsubscribe: true, list: 'notifications' },
  ],
  ['transactional', { list: 'news', wanted: true, hasOwn: false }, { unsubscribe: true, list: 'news' }],
  ['transactional', { list: null, wanted: true, hasOwn: true }, {}],
  ['marketing', { list: null, wanted: null, hasOwn: false }, { unsubscribe: true }],
  ['marketing', { list: 'news', wanted: null, hasOwn: false }, { unsubscribe: true, list: 'news' }],
  ['marketing', { list: null, wanted: true, hasOwn: false }, { unsubscribe: true }],
  ['marketing', { list: null, wanted: null, hasOwn: true }, {}],
  ['marketing', { list: 'news', wanted: false, hasOwn: true }, { list: 'news' }],
  ['marketing', { list: null, wanted: false, hasOwn: false }, null],
  ['marketing', { list: 'news', wanted: false, hasOwn: false }, null],
] as const)('%s mail with %j is %j', (stream, asked, wishes) => {
  expect(listWishes({ stream, ...asked })).toEqual(wishes)
})

test.each(['a', 'news', 'news.weekly', '2026_q1-x', '-', 'x'.repeat(64)])('%s is a label', (label) => {
  expect(isListLabel(label)).toBe(true)
})

test.each(['', 'News', 'a b', '.a', 'a.', 'a..b', 'é', 'a>', 'a\n', 'x'.repeat(65)])(
  '%j is none',
  (label) => {
    expect(isListLabel(label)).toBe(false)
  },
)

test.each([
  ['<https://a.example/u>', true],
  ['<mailto:a@b.example>, <http://a.example>', true],
  ['(comment) < https://a.example >', true],
  ['', false],
  ['https://a.example/u', false],
  ['<>', false],
  ['<ftp://a.example>', false],
])('%j names a way out: %p', (value, names) => {
  expect(namesWayOut(value)).toBe(names)
})

test.each([
  [{ url: 'https://a.example/u?x=1,2' }, '<https://a.example/u?x=1,2>', true],
  [{ url: 'http://a.example/u' }, '<http://a.example/u>', false],
  [{ mailto: 'leave@b.example' }, '<mailto:leave@b.example>', false],
  [{ mailto: 'MAILTO:leave@b.example?subject=x' }, '<mailto:leave@b.example?subject=x>', false],
  [
    { url: 'https://a.example/u', mailto: 'l@b.example' },
    '<https://a.example/u>, <mailto:l@b.example>',
    true,
  ],
])('%j stands as %s', (own, value, isOneClick) => {
  const read = readOwnWayOut(own)
  if (!read.ok) throw new Error(read.error.message)
  expect(ownFields(read.value)).toEqual({
    'List-Unsubscribe': value,
    ...(isOneClick ? { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' } : {}),
  })
})

test.each([
  [{}, 'url'],
  [{ url: '' }, 'url'],
  [{ url: 'javascript:alert(1)' }, 'url'],
  [{ url: 'https://a.example/>\r\nBcc: x@y.example' }, 'url'],
  [{ url: 'https://a.example/<u>' }, 'url'],
  [{ url: 'https://a.example/ü' }, 'url'],
  [{ url: `https://a.example/${'x'.repeat(900)}` }, 'url'],
  [{ mailto: 'nobody' }, 'mailto'],
  [{ mailto: 'a@b.example>' }, 'mailto'],
  [{ mailto: 'a@b.example?subject=a b' }, 'mailto'],
  [{ url: 'https://a.example', mailto: 'a@b.example?x=\r\n' }, 'mailto'],
] as const)('%j is no way out', (own, field) => {
  expect(readOwnWayOut(own)).toMatchObject({ ok: false, error: { field } })
})
