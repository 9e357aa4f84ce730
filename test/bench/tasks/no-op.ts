/** A task that does nothing, for Piscina and batchtop alike. */
export default function noOp(): void {}
