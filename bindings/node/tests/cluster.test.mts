/** Objections in a cluster whose workers are killed. */

import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { open, Registry } from 'firmtrie'
import { firms, folder } from './world.mjs'

interface Shown {
  worker: number
  firms: number[]
}

const COUNT = 120

test('a cluster loses no objection when its workers are killed and replaced', async () => {
  const here = folder()
  const registry = join(here, 'registry')
  const officer = await Registry.create(registry)
  const index = await firms(here, COUNT)
  const program = fileURLToPath(new URL('./cluster.mjs', import.meta.url))
  // One of its own, since port 0 is another one after all workers were gone.
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const { port } = free.address() as AddressInfo
  free.close()
  await once(free, 'close')
  const primary = fork(program, [registry, index, COUNT, port].map(String))
  after(() => primary.kill('SIGKILL'))
  await once(primary, 'message')
  /** An answer, or nothing, where a worker was killed meanwhile. */
  const ask = async (path: string): Promise<Shown | null> => {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
        headers: { connection: 'close' },
        signal: AbortSignal.timeout(5000),
      })
      return (await answer.json()) as Shown
    } catch {
      await sleep(50)
      return null
    }
  }

  const acknowledged = new Set<number>()
  let killed = 0
  for (let firm = 0; firm < 60; firm += 4) {
    const asked = [0, 1, 2, 3].map(async (more) => {
      const told = await ask(`/object/${firm + more}`)
      if (told === null) return
      acknowledged.add(firm + more)
      assert.ok(!told.firms.includes(firm + more), `Firm ${firm + more} was shown where it was recorded`)
    })
    if (firm % 12 === 8) {
      const told = await ask('/shown')
      if (told !== null) process.kill(told.worker, 'SIGKILL')
      killed += 1
    }
    await Promise.all(asked)
    if (firm % 20 === 0) assert.ok((await officer.entries()).length >= acknowledged.size)
  }
  assert.ok(acknowledged.size > 30 && killed >= 4)

  const obeyed = new Set<number>()
  for (const until = performance.now() + 20_000; obeyed.size < 3 && performance.now() < until; await sleep(5)) {
    const told = await ask('/shown')
    if (told !== null && told.firms.every((firm) => !acknowledged.has(firm))) obeyed.add(told.worker)
  }
  assert.equal(obeyed.size, 3, 'a worker shows who objected')
  const anew = await open(index, { registry })
  for (const firm of acknowledged) assert.equal(anew.lookup(`11.0.${firm}.9`), null)
  for (let firm = 60; firm < COUNT; firm++) assert.ok(anew.lookup(`11.0.${firm}.9`))
  await anew.close()
  primary.disconnect()
  await once(primary, 'exit')
})
