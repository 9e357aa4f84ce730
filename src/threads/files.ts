/** The files beside this one that are named, not imported: .ts when run from src, .js when run from dist (tsc rewrites imports only). */
import { fileURLToPath } from 'node:url'

const extension = import.meta.filename.endsWith('.ts') ? 'ts' : 'js'

/** Path of the host process's entry. */
export const hostFile = fileURLToPath(new URL(`./host.${extension}`, import.meta.url))

/** URL of what runs inside the host's Piscina pool. */
export const workerFile = new URL(`./worker.${extension}`, import.meta.url).href

/** URL of what task modules get for `batchtop/task`. */
export const apiFile = new URL(`./context.${extension}`, import.meta.url).href
