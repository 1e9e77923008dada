import { expect, test } from 'bun:test'
import { simpleParser } from 'mailparser'
import { HOUR, SECOND } from '../../src/core/time.ts'
import { AUTHORIZED, type Lab, startLab } from '../support/appliance.ts'
import { until } from '../support/until.ts'

const MANY = Array.from({ length: 25 }, (_, at) => `user${at}@example.net`)

const listed = async (lab: Lab): Promise<number> => {
  const answer = await lab.fetch('/v1/suppressions', { headers: AUTHORIZED })
  return ((await answer.json()) as { data: unknown[] }).data.length
}

test('25 good addresses that are suddenly unknown stay in use, and the operator gets one letter', async () => {
  let isMad = false
  await using lab = await startLab({
    dns: { 'operator.test': { MX: [[10, 'mx.example.net']] } },
    mx: {
      at: (moment, { line }) =>
        isMad && moment === 'RCPT' && line.includes('example.net') ? '550 5.1.1 no such user' : undefined,
    },
  })
  for (const to of MANY) await lab.ended(await lab.sent({ to }))
  await lab.advance(HOUR)
  isMad = true
  for (const to of MANY) await lab.ended(await lab.sent({ to }))
  const letters = () =>
    lab.mx.messages.filter(({ forwardPaths }) => forwardPaths.includes('ops@operator.test'))
  await until('the operator was told', async () => {
    await lab.advance(SECOND)
    return letters().length > 0
  })
  expect(await listed(lab)).toBe(0)
  const [letter] = letters()
  const mail = await simpleParser(letter?.bytes ?? Buffer.alloc(0))
  expect(letter?.reversePath).toBe('')
  expect(mail.subject).toBe('[mail.lab.test] example.net calls many good addresses unknown')
  expect(mail.text).toContain('MailWok does not believe it')
  // Even of an address that was never reached a mad provider is not believed.
  await lab.ended(await lab.sent({ to: 'new@example.net' }))
  await lab.advance(5 * SECOND)
  expect(letters().length).toBe(1)
  expect(await listed(lab)).toBe(0)
})
