//
// Owns: why something about a domain was not done, as answers; and pages of domains, whose names are their marks.

import type { SendingDomain } from '../../core/account.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { AddFault } from '../../services/domains/domains.ts'
import type { ImportRefusal } from '../../services/domains/key-import.ts'
import { storeRefusal } from '../../services/submission/store-refusal.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import type { Page, PageAsk } from './page.ts'
import { fromRefusal, noSuch, type Problem } from './problem.ts'
import { invalid } from './query.ts'

export function domainFault(error: AddFault | StoreFault | 'not-found', name: string): Problem {
  switch (error) {
    case 'exists':
      return { code: 'name_taken', message: `${name} was added to this account before.` }
    case 'taken':
      return { code: 'name_taken', message: `${name} belongs to another account of this installation.` }
    case 'public-suffix':
      return invalid('name', 'belongs to everybody; want a domain of your own below it')
    case 'too-many':
      return {
        code: 'too_many_domains',
        message: 'This account has as many domains as its plan allows. Remove one, or ask for another plan.',
      }
    case 'not-found':
      return noSuch('domain', name)
    case 'full':
    case 'busy':
    case 'unavailable':
      return fromRefusal(storeRefusal(error))
    default:
      return error satisfies never
  }
}

/** `prefix`: where in the body the key stands. */
export const importProblem = ({ detail, why }: ImportRefusal, prefix = ''): Problem =>
  invalid(
    `${prefix}${why === 'bad-selector' || why === 'selector-taken' ? 'selector' : 'private_key'}`,
    detail.replace(/\.$/, ''),
  )

/** The newest first. A mark that is there no more leads nowhere, and is refused. */
export function listPage<T>(
  all: readonly T[],
  domainOf: (one: T) => Pick<SendingDomain, 'name' | 'createdAt'>,
  { after, before, limit }: PageAsk,
): Result<Page<T>, Problem> {
  const sorted = all.toSorted(
    (one, other) =>
      domainOf(other).createdAt - domainOf(one).createdAt ||
      (domainOf(one).name < domainOf(other).name ? -1 : 1),
  )
  const mark = after ?? before
  const at = mark === undefined ? -1 : sorted.findIndex((one) => domainOf(one).name === mark.toLowerCase())
  if (mark !== undefined && at === -1) {
    return fault(invalid(after === undefined ? 'before' : 'after', 'names no domain of this list'))
  }
  const wanted = before === undefined ? sorted.slice(at + 1) : sorted.slice(0, at)
  const data = before === undefined ? wanted.slice(0, limit) : wanted.slice(-limit)
  return ok({ data, has_more: wanted.length > data.length })
}
