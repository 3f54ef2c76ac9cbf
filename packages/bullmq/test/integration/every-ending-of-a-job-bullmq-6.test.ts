import * as bullmq from 'bullmq'

import { jobContract } from '../support/job-contract.ts'

jobContract('bullmq 6', bullmq)
