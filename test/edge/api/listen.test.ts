import { afterEach, expect, test } from 'bun:test'
import type { Certificate } from '../../../src/core/certificate.ts'
import { HttpServers } from '../../../src/edge/api/listen.ts'
import { selfSigned } from '../../../src/net/tls/x509.ts'
import { shown } from '../../support/tls-shown.ts'

const servers: HttpServers[] = []
const at = (port: number, certificate: Certificate, wait: () => Promise<void>) => {
  const made = new HttpServers({
    listeners: [{ host: '127.0.0.1', port, tls: true }],
    certificate,
    fetch: () => new Response('here'),
    maxBody: 1000,
    wait,
  })
  servers.push(made)
  return made
}
const portOf = (made: HttpServers): number => made.start()[0]?.port ?? 0
const pair = (name: string): Certificate => selfSigned({ names: [name], now: Date.now() })
const atOnce = async (): Promise<void> => {}

afterEach(async () => {
  for (const each of servers.splice(0)) await each.stop(0, atOnce)
})

test('a port that another listener has is refused, though listeners of one node share theirs', () => {
  const port = portOf(at(0, pair('a.test'), atOnce))
  expect(() => at(port, pair('b.test'), atOnce).start()).toThrow(/in use/i)
})

test('new connections get the new certificate at once, and those of hosts theirs', async () => {
  let letGo = (): void => {}
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const made = at(0, pair('a.test'), () => held)
  const port = portOf(made)
  expect((await shown(port, 'a.test')).names).toBe('DNS:a.test')
  const changing = made.reloadCertificate({
    ...pair('b.test'),
    named: [{ host: 'c.test', ...pair('c.test') }],
  })
  // The old one still listens: nobody is sent there.
  for (let n = 0; n < 20; n += 1) expect((await shown(port, 'b.test')).names).toBe('DNS:b.test')
  expect((await shown(port, 'c.test')).names).toBe('DNS:c.test')
  // Comes before the first change has ended, and is what is served in the end.
  void made.reloadCertificate(pair('d.test'))
  letGo()
  await changing
  expect((await shown(port, 'c.test')).names).toBe('DNS:d.test')
})
