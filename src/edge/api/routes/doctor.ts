//
// Owns: GET and POST /v1/doctor: whether all is well, for the operator's keys alone (scopes.ts).

import { Elysia } from 'elysia'
import { type Checkup, docsOf, hasFailed } from '../../../core/diagnosis.ts'
import { LAST_CHECKUP, RUN_CHECKUP } from '../operations/doctor.ts'
import type { ApiParts } from '../parts.ts'
import { DoctorBody } from '../schema/doctor.ts'

export const doctorRoutes = ({ doctor }: Pick<ApiParts, 'doctor'>) =>
  new Elysia({ prefix: '/v1/doctor', name: 'doctor', normalize: false })
    .get('', async () => view(doctor.last ?? (await doctor.examine('quick'))), { ...LAST_CHECKUP })
    .post('', async ({ body }) => view(await doctor.examine(body.depth ?? 'full')), {
      body: DoctorBody,
      ...RUN_CHECKUP,
    })

const view = (checkup: Checkup) =>
  ({
    success: true,
    checked_at: new Date(checkup.at).toISOString(),
    took_ms: checkup.took,
    depth: checkup.depth,
    failed: hasFailed(checkup),
    data: checkup.diagnoses.map((one) => ({ ...one, docs: docsOf(one) })),
  }) as const
