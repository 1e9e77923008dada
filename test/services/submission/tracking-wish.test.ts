import { describe, expect, test } from 'bun:test'
import { pageIn, type TrackingFacts, trackingWish } from '../../../src/services/submission/tracking-wish.ts'

const BASE = 'https://track.example.com'
const both = { opens: true, clicks: true }
const none = { opens: false, clicks: false }
const facts = (over: Partial<TrackingFacts> = {}): TrackingFacts => ({
  asked: both,
  page: 'html',
  byDefault: true,
  switches: both,
  domain: 'example.com',
  host: { base: BASE },
  ...over,
})
const notReady = { off: 'no host' }

describe('what is counted', () => {
  test.each([
    ['both', facts(), { base: BASE, opens: true, clicks: true }],
    ['opens alone', facts({ asked: { opens: true, clicks: false } }), { base: BASE, opens: true }],
    ['clicks alone', facts({ switches: { opens: false, clicks: true } }), { base: BASE, clicks: true }],
    ['nothing, for nobody asked', facts({ asked: none, host: notReady }), undefined],
    ['nothing of text, for nobody meant it', facts({ page: 'none', host: notReady }), undefined],
    ['nothing of text', facts({ page: 'none', byDefault: false }), { off: 'the message has no html part' }],
    [
      'nothing sealed',
      facts({ page: 'sealed' }),
      { off: 'the message is signed or encrypted by its author' },
    ],
    [
      'nothing switched off',
      facts({ switches: none }),
      { off: 'opens and clicks are switched off for example.com' },
    ],
    [
      'no opens that are switched off',
      facts({ asked: { opens: true, clicks: false }, switches: { opens: false, clicks: true } }),
      { off: 'counting opens is switched off for example.com' },
    ],
    [
      'no clicks that are switched off',
      facts({ asked: { opens: false, clicks: true }, switches: { opens: true, clicks: false } }),
      { off: 'counting clicks is switched off for example.com' },
    ],
    ['nothing before the host is ready', facts({ host: notReady }), notReady],
    [
      'a switch is the better reason',
      facts({ host: notReady, switches: none }),
      { off: expect.stringContaining('switched') },
    ],
  ])('%s', (_, given, want) => expect(trackingWish(given)).toEqual(want as never))
})

describe('what there is to count in', () => {
  const submitted = (header: string, body = '') => ({
    kind: 'submitted' as const,
    bytes: Buffer.from(`From: a@example.com\r\n${header}\r\n${body}`),
  })
  test.each([
    ['html', submitted('Content-Type: text/html\r\n')],
    [
      'html',
      submitted(
        'content-type: multipart/alternative; boundary=b\r\n',
        '--b\r\nContent-Type: Text/HTML\r\n\r\n--b--\r\n',
      ),
    ],
    ['none', submitted('Content-Type: text/plain\r\n', 'hello\r\n')],
    ['none', submitted('', 'hello\r\n')],
    ['sealed', submitted('Content-Type: multipart/signed; boundary=b\r\n', 'text/html')],
    ['sealed', submitted('Content-Type:\r\n MULTIPART/encrypted; boundary=b\r\n', 'text/html')],
    ['sealed', submitted('Content-Type: application/pkcs7-mime\r\n', 'text/html')],
    // Of what stands in the body nothing is believed.
    ['html', submitted('Content-Type: text/html\r\n', 'Content-Type: multipart/signed\r\n')],
  ] as const)('%s', (want, content) => expect(pageIn(content)).toBe(want))

  test.each([
    ['html', '<p>hello</p>'],
    ['none', null],
  ] as const)('%s of a composed one', (want, html) =>
    expect(pageIn({ kind: 'composed', parts: { header: '', text: 'x', html, attachments: [] } })).toBe(want),
  )
})
