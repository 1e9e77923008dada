//
// Owns: what is asked of the building thread and what it answers, and the work itself.

import type { AccountId } from '../../core/ids.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { TemplateKind, TemplateSource } from '../../core/template.ts'
import { type Build, type BuildFault, buildTemplate, provePiece } from '../../mail/templates/build.ts'
import type { Pieces } from '../../mail/templates/bundle.ts'
import { type UsedVariable, variablesOf } from '../../mail/templates/variables.ts'

export interface BuildWish {
  /** Whose turn it is: one who wants much waits for others. */
  readonly account: AccountId
  readonly name: string
  readonly kind: TemplateKind
  readonly source: TemplateSource
  /** Published layouts and partials that it names, and those that they name. */
  readonly pieces: Pieces
  /** Finding them takes longer than most builds. */
  readonly wantsVariables?: boolean
}

export interface BuildAsk {
  readonly id: number
  readonly wish: BuildWish
}

export interface Made extends Build {
  /** Empty unless they were asked for. */
  readonly variables: readonly UsedVariable[]
}

export interface BuildAnswer {
  readonly id: number
  readonly made: Result<Made, BuildFault>
}

export async function answerTo({ id, wish }: BuildAsk): Promise<BuildAnswer> {
  try {
    const { name, pieces, source, wantsVariables = false } = wish
    const made = await (wish.kind === 'template' ? buildTemplate(wish) : provePiece(wish))
    if (!made.ok) return { id, made }
    const { uses } = made.value
    const variables = wantsVariables ? variablesOf(name, source, { pieces, uses }) : []
    return { id, made: ok({ ...made.value, variables }) }
  } catch (error) {
    return { id, made: fault(unreadable(String(error).slice(0, 200))) }
  }
}

export const unreadable = (message: string): BuildFault => ({
  piece: '',
  part: 'html',
  line: 0,
  column: 0,
  message,
})
