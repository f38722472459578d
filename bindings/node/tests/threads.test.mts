/** Worker threads, processes and memory: one mapping a process, old or new and never a mix. */

import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { open } from 'firmtrie'
import { firms, folder, world } from './world.mjs'

const linux = process.platform === 'linux'

/** How many times a file is mapped by a process: by its inode, since names change. */
function mappings(pattern: string, pid: number | 'self' = 'self'): number {
  const lines = readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')
  return new Set(lines.filter((line) => line.includes(pattern)).map((line) => line.split(/\s+/)[4])).size
}

const resident = (): number => {
  const [, pages] = readFileSync('/proc/self/statm', 'utf8').split(' ')
  return Number(pages) * 4096
}

test('four workers look up ten million times, and each reloads every ten thousand', { skip: !linux }, async () => {
  const here = folder()
  const count = 1000
  // The same addresses belong to others in the other index, under other numbers.
  const one = await firms(here, count, (n) => `One ${n}`, 'one.firm')
  const two = await firms(here, count, (n) => `Two ${count - n}`, 'two.firm')
  const path = join(here, 'companies.firm')
  copyFileSync(one, path)
  const ask = `
    const { openSync } = require('firmtrie')
    const { parentPort, workerData } = require('node:worker_threads')
    const { copyFileSync, renameSync } = require('node:fs')
    const { path, one, two, count, me } = workerData
    const db = openSync(path)
    const addresses = Array.from({ length: count }, (_, n) => '11.' + (n >> 8) + '.' + (n & 255) + '.' + (n % 251))
    async function run() {
      let seen = [0, 0]
      for (let round = 0; round < 250; round++) {
        for (let lookups = 0; lookups < 10_000; lookups++) {
          const n = (lookups * 7 + round) % count
          const match = db.lookup(addresses[n])
          const { name } = match.company
          const isOne = name === 'One ' + n
          if (!isOne && name !== 'Two ' + (count - n)) throw new Error(addresses[n] + ' is ' + name)
          if (match.network !== addresses[n].replace(/\\d+$/, '0/24')) throw new Error(match.network)
          seen[isOne ? 0 : 1]++
        }
        copyFileSync((round + me) % 2 ? two : one, path + me)
        renameSync(path + me, path)
        await db.reload()
      }
      return seen
    }
    run().then((seen) => parentPort.postMessage(seen))`
  const workers = [0, 1, 2, 3].map(
    (me) => new Worker(ask, { eval: true, workerData: { path, one, two, count, me } }),
  )
  let most = 0
  const sizes: number[] = []
  const watch = setInterval(() => {
    most = Math.max(most, mappings(path))
    sizes.push(resident())
  }, 5)
  const results = await Promise.all(workers.map(async (worker) => (await once(worker, 'message')) as [number[]]))
  clearInterval(watch)
  const seen = results.map(([counts]) => counts)
  assert.equal(seen.flat().reduce((sum, n) => sum + n), 10_000_000)
  assert.ok(seen.every(([ones = 0, twos = 0]) => ones > 0 && twos > 0), JSON.stringify(seen))
  assert.ok(most >= 1 && most <= 2, `${most} mappings`)
  // Level: the last quarter is no larger than the second, but for what V8 leaves to collect. The
  // indexes that are loaded meanwhile would be hundreds of megabytes.
  const quarter = sizes.length >> 2
  const peak = (from: number): number => Math.max(...sizes.slice(from, from + quarter))
  assert.ok(peak(3 * quarter) < peak(quarter) + (64 << 20), `${peak(quarter)} to ${peak(3 * quarter)}`)
})

test('a file is mapped once in a process, and not at all when all readers are closed', { skip: !linux }, async () => {
  const path = await firms(folder())
  const readers = await Promise.all(Array.from({ length: 8 }, () => open(path)))
  const worker = new Worker(
    `const { openSync } = require('firmtrie')
     const { parentPort } = require('worker_threads')
     const db = openSync(${JSON.stringify(path)})
     parentPort.postMessage(db.lookup('11.0.1.1').company.name)
     parentPort.on('message', () => db.close().then(() => process.exit()))`,
    { eval: true },
  )
  assert.deepEqual(await once(worker, 'message'), ['Firm 1 B.V.'])
  assert.equal(mappings(path), 1)
  worker.postMessage('end')
  await once(worker, 'exit')
  assert.equal(mappings(path), 1)
  await Promise.all(readers.map((reader) => reader.close()))
  assert.equal(mappings(path), 0)
})

test('what a reload replaced is let go of at once, by idle readers too', { skip: !linux }, async () => {
  const here = folder()
  const path = await firms(here)
  const [db, idle] = [await open(path), await open(path)]
  const [match, kept] = [db.lookup('11.0.1.1'), idle.lookup('11.0.2.1')]
  for (let round = 0; round < 20; round++) {
    await firms(here, 8, (n) => `Round ${round} ${n}`, 'next.firm')
    renameSync(join(here, 'next.firm'), path)
    assert.equal(await db.reload(), true)
    assert.equal(mappings(here), 1, 'without garbage collection')
    assert.equal(idle.lookup('11.0.2.1')?.company.name, `Round ${round} 2`)
  }
  assert.deepEqual([match?.company.name, kept?.company.name], ['Firm 1 B.V.', 'Firm 2 B.V.'])
})

test('ten million lookups leave memory as it was', { skip: !linux }, async () => {
  const db = await open(await world())
  const addresses = Array.from({ length: 1000 }, (_, n) => `8.${n % 16}.${n % 7}.${n % 251}`)
  const ask = (times: number): void => {
    for (let n = 0; n < times; n++) db.lookup(addresses[n % 1000]!)?.company.name
  }
  const collect = globalThis.gc ?? (() => {})
  ask(1_000_000)
  collect()
  const before = process.memoryUsage().heapUsed
  ask(10_000_000)
  collect()
  const grown = process.memoryUsage().heapUsed - before
  assert.ok(grown < 1 << 20, `${grown} bytes`)
})

test('processes share the pages of the file', { skip: !linux }, async () => {
  const path = await world()
  const child = fileURLToPath(new URL('./child.mjs', import.meta.url))
  const children = Array.from({ length: 4 }, () => fork(child, [path]))
  const found = await Promise.all(children.map(async (one) => (await once(one, 'message'))[0]))
  assert.deepEqual(found, Array(4).fill('Alpha B.V.'))
  let proportional = 0
  for (const { pid } of children) {
    const maps = readFileSync(`/proc/${pid}/smaps`, 'utf8').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)
    for (const map of maps.filter((map) => map.includes(path))) {
      proportional += 1024 * Number(/^Pss:\s+(\d+)/m.exec(map)?.[1])
    }
  }
  const { length } = readFileSync(path)
  assert.ok(proportional > 0 && proportional < 1.05 * length + 4 * 4096, `${proportional} of ${length}`)
  for (const one of children) one.kill()
})

test('files may come and go while readers are opened and dropped unclosed', { skip: !linux }, async () => {
  const here = folder()
  for (let round = 0; round < 50; round++) {
    const path = await firms(here, 4, undefined, `${round % 4}.firm`)
    assert.equal((await open(path)).lookup('11.0.1.1')?.company.name, 'Firm 1 B.V.')
    if (round % 4 === 3) rmSync(path)
  }
  globalThis.gc?.()
  await new Promise((done) => setTimeout(done, 50))
  globalThis.gc?.()
  assert.ok(mappings(here) < 10, `${mappings(here)} mappings`)
})
