//
// Outside labs links are tracked once the tracking host leads here with a certificate that browsers believe; until then
// mail goes as it was written, and its events say why.

import { expect, setDefaultTimeout, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { simpleParser } from 'mailparser'
import { SECOND } from '../../src/core/time.ts'
import { type Lab, must, startLab } from '../support/appliance.ts'
import { type Authority, authority } from '../support/authority.ts'
import { freshFolder } from '../support/lab-folder.ts'
import { type Mx, startMx } from '../support/mx.ts'
import { until } from '../support/until.ts'

setDefaultTimeout(60_000)

const HTML = '<p>Hi, <a href="https://shop.example.com/">buy</a></p>'
const HOST = 'mail.lab.test'

interface Open {
  readonly lab: Lab
  readonly relay: Mx
  readonly base: string
  [Symbol.asyncDispose](): Promise<void>
}

function freePort(): number {
  const listener = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => {} } })
  listener.stop(true)
  return listener.port
}

/** Nothing of a lab but the name server: mail leaves by a smarthost, certificates are an authority's. */
async function openHouse({ root, believed }: { root: Authority; believed: boolean }): Promise<Open> {
  const folder = await freshFolder()
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const { cert, key } = root.issue({ names: [HOST] })
  const relay = await startMx({
    auth: { username: 'me', password: 'x', mechanisms: ['PLAIN'] },
    starttls: true,
  })
  const port = freePort()
  const base = `https://${HOST}:${port}`
  const lab = await startLab({
    config: {
      'delivery.allow_private_destinations': 'false',
      'delivery.mode': 'relay',
      'server.public_url': base,
      'api.https': `127.0.0.1:${port}`,
      'tls.mode': 'files',
      'tls.cert': file('cert.pem', cert),
      'tls.key': file('key.pem', key),
      ...(believed ? { 'delivery.tls_ca_file': file('ca.pem', root.cert) } : {}),
    },
    toml: `[[relay]]\nhost = "127.0.0.1"\nport = ${relay.port}\nusername = "me"\npassword = "x"\nverify = false\n`,
  })
  return {
    lab,
    relay,
    base,
    [Symbol.asyncDispose]: async () => {
      await lab[Symbol.asyncDispose]()
      await relay.close()
    },
  }
}

async function sent({ lab, relay }: Open) {
  const view = await lab.ended(await lab.sent({ html: HTML }))
  const { html } = await simpleParser(relay.messages.at(-1)?.bytes ?? '')
  const delivered = view.events.find(({ event }) => event === 'email.delivered')
  return { html: html || '', untracked: delivered?.untracked }
}

test('not while its name leads nowhere, and a minute after it leads here', async () => {
  await using house = await openHouse({ root: authority('Lab root'), believed: true })
  const before = await sent(house)
  expect(before.html.trimEnd()).toBe(HTML)
  expect(before.untracked).toStartWith(
    `the tracking host does not lead here with a valid certificate: ${house.base}`,
  )
  house.lab.dns.set(HOST, { A: ['127.0.0.1'] })
  // In steps that are shorter than what a look may take.
  await until('the host is ready', async () => {
    await house.lab.advance(2 * SECOND)
    const told = await house.lab.admin.domainTrack({ name: 'example.com', opens: null, clicks: null })
    return must(told).base === house.base
  })
  expect((await sent(house)).html).toContain(`${house.base}/c/1`)
})

test('not with a certificate that nobody believes', async () => {
  await using house = await openHouse({ root: authority('Nobody'), believed: false })
  house.lab.dns.set(HOST, { A: ['127.0.0.1'] })
  expect(await sent(house)).toMatchObject({
    html: expect.not.stringContaining('/c/'),
    untracked: expect.any(String),
  })
})
