import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { planSchema } from '../../src/plan/schema.ts'

const schema = z.toJSONSchema(planSchema, { io: 'input' })

test('schema/plan.schema.json is what `npm run schema` writes', () => {
  const file = new URL('../../schema/plan.schema.json', import.meta.url)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(schema)))
})

test('every field that an editor can offer has a description', () => {
  const bare: string[] = []
  const visit = (node: unknown, path: string) => {
    if (typeof node !== 'object' || node === null) return
    for (const [name, field] of Object.entries((node as { properties?: object }).properties ?? {})) {
      if (typeof (field as { description?: unknown }).description !== 'string') bare.push(`${path}.${name}`)
    }
    for (const [key, value] of Object.entries(node)) visit(value, `${path}.${key}`)
  }
  visit(schema, '')
  expect(bare).toEqual([])
})
