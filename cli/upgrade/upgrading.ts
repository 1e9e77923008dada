//
// Owns: the order in which one executable takes the place of another, and the way back.
//
// The node is stopped before its store is copied: what it accepted after a copy would be lost on the way back. On that
// way the store is left as it is, unless the old executable cannot read it any more: then the copy takes its place.

import { linkSync, renameSync, rmSync } from 'node:fs'
import type { AdminFault } from '../../src/admin/admin.ts'
import { fault, ok, type Result } from '../../src/core/result.ts'

export interface Ran {
  readonly ok: boolean
  readonly said: string
}

/** What the node says of itself; null: it does not answer. */
export interface State {
  readonly ready: boolean
  readonly reasons: string
}

export interface World {
  run(executable: string, ...args: readonly string[]): Promise<Ran>
  service(verb: 'start' | 'stop'): Promise<Ran>
  state(): Promise<State | null>
  /** Asks again and again until it holds, or the time is over. */
  until(holds: () => Promise<boolean>): Promise<boolean>
  tell(line: string): void
}

export interface Plan {
  readonly executable: string
  readonly candidate: string
  readonly backup: string
  /** A node that was not ready before cannot be asked to be ready after. */
  readonly before: State | null
}

export interface Upgraded {
  readonly executable: string
  readonly backup: string
  readonly running: boolean
}

export const oldOf = (executable: string): string => `${executable}.before`

export async function upgrade(world: World, plan: Plan): Promise<Result<Upgraded, AdminFault>> {
  const { executable, candidate, backup, before } = plan
  const judged = await judge(world, candidate)
  if (judged !== null) return fault(judged)
  if (before !== null) {
    world.tell('stopping the node')
    const stopped = await stop(world)
    if (stopped !== null) return fault(await backToWork(world, stopped))
  }
  world.tell(`copying the store to ${backup}`)
  const copied = await world.run(executable, 'backup', 'create', backup)
  if (!copied.ok) {
    const failed = wrong('no_backup', `no backup could be made, nothing was changed: ${copied.said}`)
    return fault(before === null ? failed : await backToWork(world, failed))
  }
  swap(executable, candidate)
  if (before === null) return ok({ executable, backup, running: false })
  world.tell('starting the new executable')
  const reason = await startAndWait(world, before.ready)
  if (reason === null) return ok({ executable, backup, running: true })
  return fault(await rollBack(world, plan, reason))
}

/** Null: it runs here and takes the configuration. */
async function judge(world: World, candidate: string): Promise<AdminFault | null> {
  const version = await world.run(candidate, 'version')
  if (!version.ok) return wrong('does_not_run', `it does not run here, nothing was changed: ${version.said}`)
  const check = await world.run(candidate, 'config', 'check')
  return check.ok
    ? null
    : wrong(
        'refuses_configuration',
        `it does not take this configuration, nothing was changed: ${check.said}`,
      )
}

async function stop(world: World): Promise<AdminFault | null> {
  const asked = await world.service('stop')
  if (!asked.ok) return wrong('not_stopped', `the node could not be stopped: ${asked.said}`)
  const silent = await world.until(async () => (await world.state()) === null)
  return silent ? null : wrong('not_stopped', 'the node was asked to stop and still answers')
}

/** Nothing was changed yet: the old one goes on. */
async function backToWork(world: World, failed: AdminFault): Promise<AdminFault> {
  const started = await world.service('start')
  return started.ok
    ? failed
    : { ...failed, message: `${failed.message}; and it could not be started again: ${started.said}` }
}

/** At no moment there is none: the name leads to the old one, then to the new one. */
function swap(executable: string, candidate: string): void {
  rmSync(oldOf(executable), { force: true })
  linkSync(executable, oldOf(executable))
  renameSync(candidate, executable)
}

/** Null: it does what it is to do. */
async function startAndWait(world: World, wantsReady: boolean): Promise<string | null> {
  const started = await world.service('start')
  if (!started.ok) return `it did not start: ${started.said}`
  let last: State | null = null
  const good = await world.until(async () => {
    last = await world.state()
    return last !== null && (last.ready || !wantsReady)
  })
  if (good) return null
  return last === null ? 'it did not answer in time' : `it did not become ready: ${(last as State).reasons}`
}

async function rollBack(world: World, plan: Plan, reason: string): Promise<AdminFault> {
  const { executable, backup } = plan
  world.tell(`${reason}; going back to the old executable`)
  // Also where it failed already: a service manager may be about to start it again.
  await world.service('stop')
  await world.until(async () => (await world.state()) === null)
  renameSync(oldOf(executable), executable)
  const steps = ['the old executable is back in its place']
  const reads = await world.run(executable, 'status')
  if (!reads.ok) {
    const restored = await world.run(executable, 'backup', 'restore', backup, '--replace')
    if (!restored.ok) {
      const message = `${reason}; the old executable is back, and cannot read the store (${reads.said}); ${backup} could not be put back either: ${restored.said}`
      return wrong('not_rolled_back', message)
    }
    steps.push(`the store is that of ${backup}; what the new one wrote lies beside it`)
  }
  const failed = await startAndWait(world, plan.before?.ready === true)
  if (failed !== null) return wrong('not_rolled_back', [reason, ...steps, failed].join('; '))
  return wrong('rolled_back', [reason, ...steps, 'the node runs as before'].join('; '))
}

const wrong = (code: string, message: string): AdminFault => ({ code, message })
