/** Somebody else on the machine: a process that takes so many MB, says so, and keeps them until it is ended. */
const kept = Buffer.alloc(Number(process.argv[2]) * 2 ** 20, 1)
console.log(kept.length)
setInterval(() => {}, 2 ** 30)
