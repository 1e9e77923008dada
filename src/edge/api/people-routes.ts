//
// Owns: the routes of people and of what they did, as one part of the application.

import { Elysia } from 'elysia'
import { ENTRANCES, entrancePage } from './entrance-page.ts'
import type { ApiParts } from './parts.ts'
import type { AtTheDoor } from './person.ts'
import { auditRoutes } from './routes/audit.ts'
import { invitationRoutes } from './routes/invitations.ts'
import { meRoutes } from './routes/me.ts'
import { passwordResetRoutes } from './routes/password-resets.ts'
import { sessionRoutes } from './routes/sessions.ts'
import { userRoutes } from './routes/users.ts'

/** Pages for people, not a part of the reference. */
function entranceRoutes() {
  const routes = new Elysia({ name: 'entrance' })
  for (const path of ENTRANCES) routes.get(path, () => entrancePage(path))
  return routes
}

export const peopleRoutes = (parts: ApiParts, door: AtTheDoor) =>
  new Elysia({ name: 'people', normalize: false })
    .use(entranceRoutes())
    .use(sessionRoutes(parts, door))
    .use(userRoutes(parts, door))
    .use(invitationRoutes(parts, door))
    .use(meRoutes(parts, door))
    .use(passwordResetRoutes(parts, door))
    .use(auditRoutes(parts, door.callerOf))
