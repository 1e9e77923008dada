//
// Owns: the PostgreSQL engine under the contract suite.

import { beforeAll, describe, setDefaultTimeout } from 'bun:test'
import { openPostgres } from '../../src/store/postgres/open.ts'
import { administer, emptied, freshDatabase, postgresSuite } from '../support/postgres-cluster.ts'
import { storeContract } from './contract/contract.ts'
import { storeOptions } from './contract/samples.ts'

setDefaultTimeout(60_000)

const suite = postgresSuite('postgres')

describe.skipIf(suite.skip)(suite.name, () => {
  let url = ''
  beforeAll(async () => {
    url = await freshDatabase()
  }, 60_000)

  const open = async () => {
    await emptied(url)
    return openPostgres(url, storeOptions())
  }
  storeContract('postgres', open, (content) =>
    administer(
      url,
      `UPDATE contents SET bytes = set_byte(bytes, 3, get_byte(bytes, 3) # 1) WHERE id = '${content}'`,
    ),
  )
})
