import { startDatabase, startRedis } from '@lifeguard/test-kit'

// Starts servers, says which, then ends as it was told: what is left of them is the test's question.
const servers = [await startDatabase(), await startRedis()]
process.stdout.write(JSON.stringify(servers.map(({ pid, folder }) => ({ pid, folder }))))

const ending = process.argv[2]
if (ending === 'throw') throw new Error('on purpose')
if (ending === 'exit') process.exit()
if (ending === 'hang') setInterval(() => {}, 1000)
