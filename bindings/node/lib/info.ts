/** What an index says of itself, and the report of a build. */

/** A source, as the index remembers it. */
export interface SourceInfo {
  name: string
  format: string
  url: string | null
  licence: string | null
  /** Why the facts may be used. */
  basis: string | null
  /** When they were retrieved: `2026-06-17`. */
  retrieved: string | null
  priority: number
}

/** A length of time in the calendar: months, and the days beside them. */
export interface Period {
  months: number
  days: number
}

/** Who answers for an index: the controller of Article 4(7) GDPR. */
export interface Controller {
  name: string
  contact: string | null
  authority: string | null
  purposes?: string
  recipients?: string
  retention?: string
}

/** What was read, and what became of it. */
export interface Counts {
  claims: number
  contacts: number
  skipped_rows: number
  ipv4_stretches: number
  ipv6_stretches: number
  ipv4_networks: number
  ipv6_networks: number
  /** Different answers, that of nobody included. */
  answers: number
  companies: number
}

/** What an index says of itself. */
export interface Info {
  /** The day of the build. */
  as_of: string
  policy: string
  policy_fingerprint: string
  registry_fingerprint?: string
  registry_tip?: { entries: number; steps: number; hash: string }
  sources: SourceInfo[]
  controller: Controller | null
  /** How long facts are kept; an index that is older than this does not tell. */
  kept?: { claims: Period | null; contacts: Period | null } | null
  counts: Counts
}
