import { expect, test } from 'bun:test'
import { wordsIn } from '../../../src/store/search/terms.ts'

test.each([
  ['Your order №12 has shipped!', ['your', 'order', 'no12', 'has', 'shipped']],
  ['re: RE: Re:', ['re']],
  ['Straße & ÉTÉ', ['straße', 'été']],
  ['注文のお知らせ A', ['注文', '文の', 'のお', 'お知', '知ら', 'らせ', 'a']],
  ['😀 — “”', []],
  ['price: 12.50€', ['price', '12', '50']],
])('%s', (subject, words) => {
  expect([...wordsIn(subject)].sort()).toEqual([...words].sort())
})

test('an endless subject has as many words as one can look for', () => {
  expect(wordsIn(Array.from({ length: 500 }, (_, at) => `w${at}`).join(' ')).length).toBe(64)
})
