import { expect, test } from 'bun:test'
import { OctetSearch } from '../../../src/mail/mime/octet-search.ts'

const soughtIn = (bytes: Uint8Array, from: number): number => {
  const at = bytes.findIndex((octet, place) => place >= from && (octet === 13 || octet === 10 || octet === 0))
  return at === -1 ? bytes.length : at
}

test('from every place, whatever stands around it and wherever the memory begins', () => {
  const octets = [0, 1, 9, 10, 11, 13, 14, 32, 65, 127, 128, 141, 255]
  for (const lead of [0, 1, 2, 3]) {
    for (let length = 0; length <= 20; length++) {
      for (const octet of octets) {
        for (let place = 0; place < length; place++) {
          const bytes = Buffer.alloc(lead + length, 'A').subarray(lead)
          bytes[place] = octet
          bytes[(place * 7) % length] ||= 9
          const search = new OctetSearch(bytes)
          for (let from = 0; from <= length; from++) expect(search.next(from)).toBe(soughtIn(bytes, from))
        }
      }
    }
  }
})
