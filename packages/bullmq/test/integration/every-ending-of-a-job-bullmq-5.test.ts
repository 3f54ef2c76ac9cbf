import * as bullmq from 'bullmq5'

import { jobContract } from '../support/job-contract.ts'

jobContract('bullmq 5', bullmq as never)
