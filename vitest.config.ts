import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    // Most of them wait for processes they started: one alone would leave a core idle.
    maxWorkers: 2,
    // Real processes and terminals on a busy machine: long enough that only what hangs runs into it.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 15_000 } },
  },
})
