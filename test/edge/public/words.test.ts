import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { ENGLISH, wordsFor } from '../../../src/edge/public/words.ts'

test.each([
  [null, 'en'],
  ['', 'en'],
  ['*', 'en'],
  ['de', 'de'],
  ['DE-de', 'de'],
  ['de-AT,de;q=0.9,en;q=0.8', 'de'],
  ['sv, nl;q=0.4, fr;q=0.7', 'fr'],
  ['en-GB, de;q=0.9', 'en'],
  ['de;q=0, en', 'en'],
  ['fr ; q=0.5 , it', 'it'],
  ['pt-BR,pt;q=0.9', 'pt'],
  ['zh-CN,zh;q=0.9', 'zh-Hans'],
  ['zh-TW,ja;q=0.5', 'ja'],
  ['zh-Hant-TW', 'en'],
  ['deu', 'en'],
  ['<script>', 'en'],
  [`${'xx,'.repeat(12)}de`, 'en'],
])('%p is answered in %p', (accepted, lang) => {
  expect(wordsFor(accepted).lang).toBe(lang)
})

const LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'pt', 'nl', 'pl', 'ja', 'zh']

test('every language says everything, in its own words and without markup', () => {
  const seen = LANGUAGES.map((each) => wordsFor(each))
  expect(new Set(seen).size).toBe(LANGUAGES.length)
  for (const words of seen) {
    for (const [name, said] of Object.entries(words)) {
      expect(said.trim()).toBe(said)
      expect(said.length).toBeGreaterThan(1)
      expect(said).not.toMatch(/[<>&"]/)
      if (words !== ENGLISH) expect(said).not.toBe(ENGLISH[name as keyof typeof ENGLISH])
    }
  }
})

test('whatever is asked for, there is an answer', () => {
  fc.assert(fc.property(fc.string({ maxLength: 2000 }), (accepted) => wordsFor(accepted).ask.length > 0))
})
