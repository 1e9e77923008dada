//
// Owns: what the routes of /v1/suppressions say of themselves.

import { operation } from '../operation.ts'
import {
  Added,
  AddressPath,
  Entries,
  EntryAnswer,
  ListQuery,
  OfAddress,
  Removed,
  RemoveQuery,
} from '../schema/suppressions.ts'

export const LIST_ENTRIES = operation({
  summary: 'List suppressions',
  description: 'Addresses that are not written to any more, in the order of the alphabet.',
  query: ListQuery,
  answers: { 200: { description: 'A page of entries.', schema: Entries } },
})

export const ADD_ENTRY = operation({
  summary: 'Add a suppression',
  description:
    'What stands at the same address and scope is replaced. Test keys are taken at their word and change nothing.',
  bodyExample: {
    address: 'grace@example.net',
    scope: 'marketing',
    reason: 'unsubscribe',
    note: 'wrote to us',
  },
  answers: { 200: { description: 'The entry.', schema: EntryAnswer } },
})

export const ADD_ENTRIES = operation({
  summary: 'Add many suppressions',
  description:
    'Up to 1,000 at once; those that cannot be read are told by their place, the others are added.',
  bodyExample: {
    entries: [{ address: 'a@example.net' }, { address: 'b@example.net', expires_at: '2099-01-01' }],
  },
  answers: {
    200: {
      description: 'How many were added.',
      schema: Added,
      example: { success: true, added: 2, failed: [] },
    },
  },
})

export const GET_ENTRIES = operation({
  summary: 'Get the suppressions of an address',
  params: AddressPath,
  answers: { 200: { description: 'Every entry of the address.', schema: OfAddress } },
  problems: ['not_found'],
})

export const REMOVE_ENTRIES = operation({
  summary: 'Remove suppressions',
  description: 'All entries of the address, or the one of `scope`.',
  params: AddressPath,
  query: RemoveQuery,
  answers: {
    200: { description: 'How many were removed.', schema: Removed, example: { success: true, removed: 1 } },
  },
  problems: ['not_found'],
})
