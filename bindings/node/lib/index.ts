/** Which company is behind this IP address? */

export {
  type Address,
  type Lines,
  open,
  openSync,
  type OpenOptions,
  type Packed,
  type PackedOptions,
  Reader,
} from './reader'
export type { BatchOptions, ColumnOptions, ManyOptions } from './batch'
export {
  Company,
  type CompanyFacts,
  type CompanyName,
  type Contact,
  type Kind,
  type Status,
} from './company'
export { Classification, Match, type PlainAnswer, type PlainClassification, type PlainMatch } from './match'
export { Answers, Matches } from './columns'
export { build, type BuildOptions, type Manifest, type Report, type SourceOptions } from './build'
export { clientIp, type ProxyOptions, TrustedProxies } from './client'
export { FirmtrieError } from './errors'
export { type About, type Day, type Entry, type Met, type Recorded, Registry, type Right, type Step } from './registry'
export type { Controller, Counts, Info, Period, SourceInfo } from './info'
