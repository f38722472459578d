/**
 * Many addresses on their way to another thread: handed over in pieces, between which the event loop
 * has its turn.
 */

import { setImmediate } from 'node:timers/promises'
import { abortable } from './abort'
import { awaiting, FirmtrieError } from './errors'
import type { Batch, Rows } from './native'

export interface BatchOptions {
  /** Gives up the lookup; the promise is then rejected with the signal's reason. */
  signal?: AbortSignal
}

export interface ManyOptions extends BatchOptions {
  /** What becomes of what is no address: it rejects all (`throw`, unless said), or is `null`. */
  onError?: 'throw' | 'null'
}

export interface ColumnOptions extends BatchOptions {
  /** Whether networks are told too, which takes half as much time again. */
  networks?: boolean
}

/** So many addresses of JavaScript, or bytes, take about a millisecond to hand over. */
const ADDRESSES = 1 << 12
const BYTES = 1 << 20

/** @internal Has `push` hand over a batch piece by piece, and looks it up. */
export async function gather(
  batch: Batch,
  push: (batch: Batch) => Iterable<void>,
  { signal, networks = true }: ColumnOptions,
): Promise<Rows> {
  return abortable(signal, () => batch.stop(), async () => {
    for (const _ of push(batch)) {
      await setImmediate()
      signal?.throwIfAborted()
    }
    const rows = await awaiting(async () => batch.run(networks))
    signal?.throwIfAborted()
    return rows
  })
}

/** What nobody is behind: it stands for what is no address. */
const NOBODY = ['0.0.0.0']

/**
 * @internal Hands over addresses; between two pieces it yields. `explain` throws why one is refused; without
 * it that one is nobody's.
 */
export function* pushAll(
  batch: Batch,
  addresses: Iterable<unknown>,
  explain: ((address: unknown) => void) | null,
): Iterable<void> {
  let first = 0
  for (const piece of pieces(addresses)) {
    let from = 0
    // Those before one that is none have been taken over.
    for (let wrong = batch.push(piece); wrong !== null; wrong = batch.push(piece.slice(from))) {
      from += wrong
      if (explain !== null) refuse(first + from, piece[from], explain)
      batch.push(NOBODY)
      from += 1
    }
    first += piece.length
    yield
  }
}

function refuse(index: number, address: unknown, explain: (address: unknown) => void): never {
  try {
    explain(address)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new FirmtrieError('address', `address ${index}: ${reason}`)
  }
  throw new FirmtrieError('address', `address ${index} is none`)
}

function* pieces(addresses: Iterable<unknown>): Iterable<unknown[]> {
  if (Array.isArray(addresses)) {
    for (let at = 0; at < addresses.length; at += ADDRESSES) yield addresses.slice(at, at + ADDRESSES)
    return
  }
  let piece: unknown[] = []
  for (const address of addresses) {
    if (piece.push(address) === ADDRESSES) {
      yield piece
      piece = []
    }
  }
  yield piece
}

/** @internal Hands over packed addresses. */
export function* pushPacked(
  batch: Batch,
  addresses: Uint32Array | Uint8Array,
  version: 4 | 6,
): Iterable<void> {
  if (addresses instanceof Uint32Array) {
    for (let at = 0; at < addresses.length; at += BYTES / 4) {
      batch.pushNumbers(addresses.subarray(at, at + BYTES / 4))
      yield
    }
    return
  }
  const size = version === 6 ? 16 : 4
  if (addresses.length % size !== 0) {
    const what = `packed addresses take ${size} bytes each, and these are ${addresses.length} bytes`
    throw new FirmtrieError('address', what)
  }
  for (let at = 0; at < addresses.length; at += BYTES) {
    batch.pushPacked(addresses.subarray(at, at + BYTES), size)
    yield
  }
}

/** @internal Hands over text with an address on each line. */
export function* pushLines(batch: Batch, text: string | Uint8Array): Iterable<void> {
  for (let at = 0; at < text.length; at += BYTES) {
    if (typeof text === 'string') batch.pushText(text.slice(at, at + BYTES))
    else batch.pushBytes(text.subarray(at, at + BYTES))
    yield
  }
}
