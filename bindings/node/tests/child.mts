/** A process of its own, which opens the file that it is given and keeps it open. */

import { openSync } from 'firmtrie'

const [path = ''] = process.argv.slice(2)
const db = openSync(path)
await db.verify()
process.send?.(db.lookup('8.1.0.1')?.company.name)
setInterval(() => db.path, 1000)
