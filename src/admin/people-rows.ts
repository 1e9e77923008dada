//
// Owns: how people and the audit log look to the operator.

/** As core/person.ts has them; the command line cannot ask there. */
export const ROLE_NAMES = ['owner', 'admin', 'developer', 'marketer', 'viewer'] as const

export interface UserAddAsk {
  readonly address: string
  readonly account: string
  readonly role: string
  readonly name: string
  /** Null: he is invited, and chooses it himself. */
  readonly password: string | null
}

export interface UserAdded {
  readonly address: string
  readonly account: string
  readonly role: string
  /** Null: an invitation is open; he is a user when he has accepted it. */
  readonly id: string | null
  /** For him alone; null where he has a password already. */
  readonly link: string | null
  readonly token: string | null
  /** Whether a letter with it is on its way as well. */
  readonly posted: boolean
}

export interface UserRow {
  readonly id: string
  readonly address: string
  readonly name: string
  readonly account: string
  readonly role: string
  readonly state: 'active' | 'disabled'
  readonly two_factor: boolean
  readonly last_login_at: string | null
  readonly created_at: string
}

export interface UserStateAsk {
  readonly address: string
  readonly state: 'active' | 'disabled'
}

export interface UserResetAsk {
  readonly address: string
  /** His one-time codes go as well: telephone and paper are lost. */
  readonly codes: boolean
}

export interface UserReset {
  readonly address: string
  readonly link: string
  readonly token: string
  readonly codes_removed: boolean
}

export interface UserRoleAsk {
  readonly address: string
  readonly account: string
  readonly role: string
}

export interface AuditListAsk {
  /** Null: all, and what the operator did. */
  readonly account: string | null
  readonly actor: string | null
  readonly action: string | null
  readonly subject: string | null
  readonly limit: number
  /** The id of a record: older ones follow. */
  readonly after: string | null
}

export interface AuditRow {
  readonly id: string
  readonly at: string
  readonly account: string | null
  readonly actor: string
  readonly actor_name: string | null
  readonly action: string
  readonly subject: string
  readonly fields: readonly string[]
  readonly ip: string | null
  readonly request_id: string | null
  readonly note: string | null
}
