import { expect, test } from 'bun:test'
import { nameOfSystemsChoice } from '../src/own-addresses.ts'

test.each([
  [[], 'node:7'],
  [['10.0.0.5', 'fe80::1'], 'node:7'],
  [['8.8.8.8'], '8.8.8.8'],
  [['10.0.0.5', '8.8.8.8'], '8.8.8.8'],
  [['8.8.8.8', '2a00::1', '2a00::2'], '8.8.8.8'],
  [['8.8.8.8', '9.9.9.9'], 'node:7'],
  [['10.0.0.5', '2a00::1'], '2a00::1'],
  [['2a00::1', '2a00::2'], 'node:7'],
])('%j: warm-up is counted for %s', (addresses, want) => {
  expect(nameOfSystemsChoice({ addresses }, '7')).toBe(want)
})
