import { mkdirSync, writeFileSync } from 'node:fs'
import * as z from 'zod'
import { planSchema } from '../src/plan/schema.ts'

const folder = new URL('../schema/', import.meta.url)
mkdirSync(folder, { recursive: true })
const schema = z.toJSONSchema(planSchema, { io: 'input' })
writeFileSync(new URL('plan.schema.json', folder), `${JSON.stringify(schema, null, 2)}\n`)
