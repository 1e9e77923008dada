import { expect, test } from 'bun:test'
import { idAfter, idsFor, type MessageId } from '../../src/core/ids.ts'

test.each([
  ['msg_mwsuuzu20001', 'msg_mwsuuzu20002'],
  ['msg_mwsuuzu2000z', 'msg_mwsuuzu20010'],
  ['msg_mwsuuzuzzzzz', 'msg_mwsuuzv00000'],
  ['msg_000000000000', 'msg_000000000001'],
])('behind %s stands %s', (id, next) => {
  expect(idAfter(id as MessageId)).toBe(next as MessageId)
})

test('nothing stands between an id and the next', () => {
  const ids = idsFor('z', () => 1_700_000_000_000)
  const given = Array.from({ length: 50 }, () => ids.message())
  expect(given.slice(1)).toEqual(given.slice(0, -1).map(idAfter))
})
