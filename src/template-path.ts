//
// Owns: wiring what templates take: the workshop that builds them, and what the door sends of them.

import type { Ids } from './core/ids.ts'
import type { Clock, Log } from './core/ports.ts'
import { MergeTemplates } from './mail/templates/merge.ts'
import type { TemplateDesk } from './services/templates/desk.ts'
import { Previews } from './services/templates/preview.ts'
import { PublishedTemplates } from './services/templates/published.ts'
import { Templates } from './services/templates/templates.ts'
import { Workshop } from './services/templates/workshop.ts'
import type { Store } from './store/store.ts'

interface Base {
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly store: Pick<Store, 'templates'>
}

export interface TemplateParts {
  readonly templates: MergeTemplates
  readonly templateDesk: TemplateDesk
}

export function templatesOf({ clock, ids, log, store: { templates: store } }: Base): TemplateParts {
  const templates = new MergeTemplates()
  const workshop = new Workshop({ clock, log })
  const templateDesk = {
    shelf: store,
    templates: new Templates({ store, workshop, clock, ids }),
    previews: new Previews({ store, workshop, templates }),
    published: new PublishedTemplates(store),
    stop: () => workshop.stop(),
  }
  return { templates, templateDesk }
}
