import { sql, type Kind } from '../kind.ts'

export const charset: readonly Kind[] = [
  sql('SET NAMES latin1', 'SET NAMES latin1'),
  sql('SET NAMES with a collation', 'SET NAMES utf8mb4 COLLATE utf8mb4_bin'),
  sql('SET CHARACTER SET latin1', 'SET CHARACTER SET latin1'),
  sql('SET character_set_client', 'SET character_set_client = latin1'),
  sql('SET character_set_results', 'SET character_set_results = latin1'),
  sql('SET character_set_results to NULL', 'SET character_set_results = NULL'),
  sql('SET character_set_connection', 'SET character_set_connection = latin1'),
  sql('SET collation_connection', 'SET collation_connection = utf8mb4_bin'),
  sql('SET collation_database', 'SET collation_database = latin1_bin'),
  sql('SET collation_server', 'SET collation_server = utf8mb4_bin'),
  sql('SET character_set_filesystem', 'SET character_set_filesystem = latin1'),
  sql(
    'SET default_collation_for_utf8mb4',
    'SET default_collation_for_utf8mb4 = utf8mb4_general_ci',
    { servers: ['mysql'] },
  ),
  sql('SET NAMES latin1 in an open transaction', [
    'BEGIN',
    'SET NAMES latin1',
    'SELECT * FROM ledger',
  ]),
  {
    name: 'SET NAMES latin1, and an error after it',
    dirty: async (borrowed) => {
      await borrowed.query('SET NAMES latin1')
      await borrowed.query('SELEKT 1').catch(() => {})
    },
  },
]
