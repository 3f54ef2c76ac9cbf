//   DATABASE_URL=mysql://user:password@localhost/shop node dist/server.js

import { buildApp } from './app.ts'

const app = await buildApp(process.env['DATABASE_URL'] ?? 'mysql://root@127.0.0.1/shop')

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  // Requests under way finish, then the pool closes its connections.
  process.once(signal, () => void app.close())
}

console.log(`listening on ${await app.listen({ port: Number(process.env['PORT'] ?? 3000) })}`)
