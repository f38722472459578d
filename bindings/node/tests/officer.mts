/** A process of its own, which records an objection of a domain. */

import { Registry } from 'firmtrie'

const [folder = '', domain = ''] = process.argv.slice(2)
const registry = await Registry.open(folder)
process.send?.(await registry.object({ domain }))
setInterval(() => registry.path, 1000)
