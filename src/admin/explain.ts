//
// Owns: explaining a message to the operator.

import { parseMessageId } from '../core/ids.ts'
import { fault, ok } from '../core/result.ts'
import type { Explainer } from '../services/explain/explainer.ts'
import type { AdminActions } from './admin.ts'
import { noSuchMessage, notAnId } from './faults.ts'

export interface ExplainParts {
  readonly explainer: Explainer
}

export const explainActions = ({ explainer }: ExplainParts): Pick<AdminActions, 'messageExplain'> => ({
  async messageExplain({ id }) {
    const known = parseMessageId(id)
    if (known === null) return fault(notAnId(id))
    // Null: the operator sees mail of every account.
    const explanation = await explainer.explain(known, null)
    return explanation === null ? fault(noSuchMessage(id)) : ok(explanation)
  },
})
