//
// Owns: every reason for which a template is not kept, published, shown or taken away.

import type { BuildFault } from '../../mail/templates/build.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import type { DraftFault } from './source.ts'

export type TemplateFault =
  | StoreFault
  | { readonly kind: 'draft'; readonly faults: readonly DraftFault[] }
  | { readonly kind: 'source'; readonly fault: BuildFault }
  /** Published templates that the change would spoil, the first of them with its fault. */
  | { readonly kind: 'breaks'; readonly name: string; readonly fault: BuildFault }
  | { readonly kind: 'in-use'; readonly by: readonly string[] }
  | 'name-taken'
  | 'bad-name'
  | 'too-many'
  | 'no-such-version'
  | 'unknown'
