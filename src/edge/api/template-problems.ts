//
// Owns: what is wrong with a template, in the words of the API.

import { NAME_WANTED } from '../../core/template.ts'
import type { BuildFault } from '../../mail/templates/build.ts'
import type { TemplateFault as MergeFault } from '../../mail/templates/template-fault.ts'
import { storeRefusal } from '../../services/submission/store-refusal.ts'
import type { PreviewFault } from '../../services/templates/preview.ts'
import { MAX_TEMPLATES } from '../../services/templates/templates.ts'
import { fromRefusal, type Problem } from './problem.ts'
import { invalid } from './query.ts'

export function templateProblem(error: PreviewFault): Problem {
  if (typeof error === 'object') return saidProblem(error)
  switch (error) {
    case 'name-taken':
      return { code: 'name_taken', message: 'There is a template of that name in this account already.' }
    case 'bad-name':
      return invalid('name', `cannot be the name of a template; ${NAME_WANTED}`)
    case 'too-many':
      return invalid('name', `is one too many: an account has at most ${MAX_TEMPLATES} templates`)
    case 'no-such-version':
      return { code: 'not_found', message: 'There is no such version of this template, or not any more.' }
    case 'unknown':
      return { code: 'not_found', message: 'That template is there no more.' }
    case 'full':
    case 'busy':
    case 'unavailable':
      return fromRefusal(storeRefusal(error))
    default:
      return error satisfies never
  }
}

function saidProblem(error: Exclude<PreviewFault, string>): Problem {
  switch (error.kind) {
    case 'draft': {
      const [first] = error.faults
      const message = first ? `${first.path} ${first.message}.` : 'The template cannot be kept.'
      return { code: 'validation_failed', message, fields: error.faults }
    }
    case 'source':
      return sourceProblem(error.fault, '')
    case 'breaks':
      return sourceProblem(error.fault, `Published, it would break the template "${error.name}": `)
    case 'merge':
      return mergeProblem(error.fault)
    case 'in-use': {
      const shown = error.by.slice(0, 10).join(', ')
      const message = `Published templates take it in: ${shown}${error.by.length > 10 ? ', …' : ''}.`
      return { code: 'template_in_use', message }
    }
    default:
      return error satisfies never
  }
}

function sourceProblem({ piece, part, line, column, message }: BuildFault, before: string): Problem {
  const of = piece === '' ? '' : ` of "${piece}"`
  const place = line === 0 ? `${part}${of}` : `${part}${of}, line ${line}, column ${column}`
  const said = `${before}${place}: ${message}`
  return {
    code: 'template_error',
    message: `${said}.`,
    fields: [{ path: part, code: 'template_error', message: said }],
  }
}

function mergeProblem({ part, variable, message }: MergeFault): Problem {
  const path = variable === undefined ? part : `data.${variable}`
  const code = variable === undefined ? 'template_error' : 'missing_variable'
  return { code: 'template_error', message: `${part}: ${message}`, fields: [{ path, code, message }] }
}
