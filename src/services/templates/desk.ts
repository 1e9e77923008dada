//
// Owns: what API and command line act upon.

import type { TemplateStore } from '../../store/template-store.ts'
import type { Previews } from './preview.ts'
import type { PublishedTemplates } from './published.ts'
import type { Templates } from './templates.ts'

export interface TemplateDesk {
  readonly shelf: Pick<TemplateStore, 'list' | 'find' | 'version' | 'versions'>
  readonly templates: Templates
  readonly previews: Previews
  readonly published: PublishedTemplates
  /** Ends the thread that builds. */
  stop(): Promise<void>
}
