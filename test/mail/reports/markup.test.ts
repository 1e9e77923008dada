import { expect, test } from 'bun:test'
import { readDmarcReport } from '../../../src/mail/reports/dmarc.ts'
import { isReportMarkup } from '../../../src/mail/reports/markup.ts'
import { dmarcXml } from '../../support/reports.ts'

const times = (count: number, make: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => make(at)).join('')

test.each([
  ['a report', dmarcXml()],
  ['a large report', dmarcXml({ rows: 2000 })],
  ['half of a report', dmarcXml().slice(0, 400)],
  [
    'a comment and a style sheet',
    `<?xml version="1.0"?><?xml-stylesheet href="x"?><!-- by x -->${dmarcXml()}`,
  ],
])('%s is such markup', (_, text) => {
  expect(isReportMarkup(text)).toBe(true)
})

test.each([
  ['a name for every element', times(400, (at) => `<a${at}/>`)],
  ['instructions without end', times(2000, () => '<?x y?>')],
  ['comments without end', times(2000, () => '<!--x-->')],
  ['sections of character data without end', times(2000, () => '<![CDATA[x]]>')],
  ['attributes without end', `<record ${times(1000, (at) => `a${at}="b" `)}/>`],
  ['a tag that never ends', `<record ${times(1000, () => 'abc')}`],
  ['a document type', '<!DOCTYPE x [<!ENTITY a "b">]><feedback/>'],
  ['an entity', '<!entity a "b">'],
])('%s is not', (_, text) => {
  expect(isReportMarkup(text)).toBe(false)
  expect(readDmarcReport(Buffer.from(dmarcXml().replace('</feedback>', `${text}</feedback>`))).ok).toBe(false)
})
