//   DATABASE_URL=mysql://user:password@localhost/shop node dist/server.js

import { buildApp } from './app.ts'

const app = await buildApp({
  databaseUrl: process.env['DATABASE_URL'] ?? 'mysql://root@127.0.0.1/shop',
  max: Number(process.env['DB_POOL_MAX'] ?? 10),
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void app.close())
}

console.log(`listening on ${await app.listen({ port: Number(process.env['PORT'] ?? 3000) })}`)
