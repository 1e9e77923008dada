//
// Owns: wiring what templates take: the workshop that builds them, and what the door sends of them.

import type { Foundation } from './foundation.ts'
import { MergeTemplates } from './mail/templates/merge.ts'
import { Previews } from './services/templates/preview.ts'
import { PublishedTemplates } from './services/templates/published.ts'
import { Templates } from './services/templates/templates.ts'
import { Workshop } from './services/templates/workshop.ts'

export function templatesOf({
  clock,
  ids,
  log,
  store: { templates: store },
}: Pick<Foundation, 'clock' | 'ids' | 'log' | 'store'>): Pick<Foundation, 'templates' | 'templateDesk'> {
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
