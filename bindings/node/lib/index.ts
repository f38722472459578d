/** Which company is behind this IP address? */

export { type Address, open, openSync, type OpenOptions, Reader } from './reader'
export { type BatchOptions } from './batch'
export {
  Company,
  type CompanyFacts,
  type CompanyName,
  type Contact,
  type Kind,
  type Status,
} from './company'
export { Classification, Match, type PlainAnswer } from './match'
export { Matches } from './columns'
export { FirmtrieError } from './errors'
export type { Controller, Counts, Info, SourceInfo } from './info'
