/** The numbers and texts that name things. All are plain at run time; the brands keep them apart at compile time. */

/** Four to eight hex digits that name one execution of a plan, unique in its state folder. */
export type RunId = string & { readonly '~id': 'RunId' }

/** A thread's number, from 1. */
export type ThreadNumber = number & { readonly '~id': 'ThreadNumber' }

/** A batch's place in `plan.batches`, from 0. */
export type BatchIndex = number & { readonly '~id': 'BatchIndex' }

/** An item's place in the whole plan, from 0: the batches' items one after another. People see `@17` for index 16. */
export type ItemIndex = number & { readonly '~id': 'ItemIndex' }

export const runId = (text: string): RunId => text as RunId
export const threadNumber = (value: number): ThreadNumber => value as ThreadNumber
export const batchIndex = (value: number): BatchIndex => value as BatchIndex
export const itemIndex = (value: number): ItemIndex => value as ItemIndex
