/** Many addresses at once: the same answers as one by one, while the event loop goes on. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FirmtrieError, type Match, Matches } from 'firmtrie'
import { openWorld } from './world.mjs'

/** A generator of 32 bits: the linear congruential one of Numerical Recipes. */
function generator(seed: number): () => number {
  return () => (seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0)
}

const text = (bits: number): string =>
  [bits >>> 24, (bits >>> 16) & 255, (bits >>> 8) & 255, bits & 255].join('.')

const plain = (matches: Iterable<Match | null | undefined>): string => JSON.stringify([...matches])

test('many are answered as one by one, however they are handed over', async () => {
  const db = await openWorld()
  const random = generator(7)
  for (const count of [0, 1, 2, 4095, 4096, 4097, 20_000, 200_000]) {
    // Most in the space that the world is about.
    const numbers = Uint32Array.from({ length: count }, () => 0x0800_0000 + (random() >>> 7))
    const addresses = Array.from(numbers, text)
    const one = plain(addresses.map((address) => db.lookup(address)))
    assert.equal(plain(await db.lookupMany(addresses)), one)
    assert.equal(plain(await db.lookupMany(new Set(addresses))), plain([...new Set(addresses)].map((a) => db.lookup(a))))
    assert.equal(plain(await db.lookupPacked(numbers, { networks: true })), one)
    const packed = Buffer.from(addresses.flatMap((address) => address.split('.').map(Number)))
    assert.equal(plain(await db.lookupPacked(packed, { networks: true })), one)
    assert.equal(plain(await db.lookupLines(addresses.map((address) => `${address}\n`).join(''), { networks: true })), one)
    const names = addresses.map((address) => db.lookup(address)?.company.name)
    for (const answers of [await db.lookupPacked(numbers), await db.lookupLines(addresses.join('\n'))]) {
      assert.ok(!(answers instanceof Matches))
      assert.deepEqual(Array.from(answers.answers, (n) => answers.company(n)?.name), names)
    }
    assert.equal(plain(await db.lookupLines(Buffer.from(addresses.join('\n')), { networks: true })), one)
  }
})

test('families may be mixed, and IPv6 packed', async () => {
  const db = await openWorld()
  const addresses = ['8.1.0.1', '2600:1:2:3::9', '::ffff:8.1.0.1', '2600::1', '10.0.0.1', 'ff02::1']
  const matches = await db.lookupMany(addresses)
  assert.equal(plain(matches), plain(addresses.map((address) => db.lookup(address))))
  const packed = Buffer.from('26000001000200030000000000000009' + '00'.repeat(10) + 'ffff08010001', 'hex')
  const found = await db.lookupPacked(packed, { version: 6, networks: true })
  assert.deepEqual([...found].map((match) => match?.network), ['2600:1:2:3::/64', '8.1.0.0/23'])
})

test('numbers are in typed arrays, and a match is made when it is asked for', async () => {
  const db = await openWorld()
  const matches = await db.lookupMany(['8.1.0.1', '10.0.0.1', '8.1.0.9', '8.1.2.3'])
  assert.deepEqual(matches.answers, Uint32Array.of(1, 0, 1, 2))
  assert.deepEqual(matches.prefixLengths.length, 4)
  assert.deepEqual([matches.length, matches.distinct], [4, 2])
  assert.deepEqual([0, 1, 2].map((n) => matches.company(n)?.name), [undefined, 'Alpha B.V.', 'Beta GmbH'])
  for (const wrong of [3, -1, 0.5, Number.NaN]) assert.throws(() => matches.company(wrong), RangeError)
  assert.equal(matches.at(-1)?.company.name, 'Beta GmbH')
  assert.equal(matches.at(1), null)
  assert.equal(matches.at(4), undefined)
  assert.equal(matches.at(0)?.company, matches.at(2)?.company)
})

test('what is wrong is told with its place', async () => {
  const db = await openWorld()
  const wrong = ['8.1.0.1', '8.1.0', '8.1.0.1']
  const is = (message: RegExp) => (error: unknown) =>
    error instanceof FirmtrieError && error.code === 'address' && message.test(error.message)
  await assert.rejects(db.lookupMany(wrong), is(/address 1: "8\.1\.0" is not an IPv4 or IPv6 address/))
  await assert.rejects(db.lookupLines(wrong.join('\n')), is(/line 2: "8\.1\.0" is not/))
  await assert.rejects(db.lookupLines('8.1.0.1\n\n8.1.0.1'), is(/line 2: "" is not/))
  await assert.rejects(db.lookupLines(Buffer.from([0x38, 0xff, 0xfe])), is(/line 1/))
  await assert.rejects(db.lookupPacked(Buffer.alloc(7)), is(/4 bytes each.*7 bytes/))
  await assert.rejects(db.lookupPacked(Buffer.alloc(20), { version: 6 }), is(/16 bytes each/))
})

test('a lookup is given up by its signal', async () => {
  const db = await openWorld()
  const addresses = Array.from({ length: 300_000 }, (_, n) => text(n * 7919))
  await assert.rejects(db.lookupMany(addresses, { signal: AbortSignal.abort() }), { name: 'AbortError' })
  const reason = new Error('enough')
  for (const after of [0, 1, 5, 20]) {
    const controller = new AbortController()
    setTimeout(() => controller.abort(reason), after)
    const outcome = await db.lookupMany(addresses, { signal: controller.signal }).catch((error: unknown) => error)
    // It may have been faster.
    assert.ok(outcome === reason || !controller.signal.aborted, String(outcome))
  }
  await assert.rejects(db.lookupMany(addresses, { signal: AbortSignal.timeout(1) }), { name: 'TimeoutError' })
})

test('a lookup that another thread is at is given up too', async () => {
  const db = await openWorld()
  const addresses = Buffer.alloc(64 << 20)
  const reason = new Error('enough')
  let during = 0
  // All is handed over after a while; some of these moments are later.
  for (let after = 0; after < 600; after += 20) {
    const controller = new AbortController()
    setTimeout(() => { controller.abort(reason) }, after)
    const options = { signal: controller.signal, networks: true }
    const outcome: unknown = await db.lookupPacked(addresses, options).catch((error: unknown) => error)
    assert.ok(outcome === reason || !controller.signal.aborted, String(outcome))
    if (outcome !== reason) break
    during++
  }
  assert.ok(during > 0)
})

test('the event loop has its turns while many are looked up', async () => {
  const db = await openWorld()
  const random = generator(11)
  const addresses = Array.from({ length: 300_000 }, () => text(random()))
  let turns = 0
  const turn = (): void => {
    turns++
    next = setImmediate(turn)
  }
  let next = setImmediate(turn)
  const matches = await db.lookupMany(addresses)
  clearImmediate(next)
  assert.equal(matches.length, addresses.length)
  // One after each piece that is handed over, and more while another thread looks them up.
  assert.ok(turns > 300_000 / 4096, `${turns} turns`)
})
