"use strict";
// Runs named cases and says how each ended: `ok NAME` or `FAIL NAME why`.

const { randomBytes } = require("node:crypto");

const CASES = [];

/** Marks a function as a case, named after its behaviour; it takes the bootstrap address. */
function test(name, run) {
  CASES.push({ name, run });
}

/** A topic or group nobody has used. */
function unique(name) {
  return `${name}-${randomBytes(4).toString("hex")}`;
}

/** Waits for a condition and returns its first true value. */
async function until(what, condition, seconds = 30) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${seconds} s`);
    await new Promise((resume) => setTimeout(resume, 20));
  }
}

/** Runs the cases named by the program's arguments, or all, against its first argument. */
async function main() {
  const [bootstrap, ...only] = process.argv.slice(2);
  let failed = 0;
  for (const { name, run } of CASES) {
    if (only.length && !only.includes(name)) continue;
    const cleanups = [];
    try {
      await run(bootstrap, (cleanup) => cleanups.push(cleanup));
      console.log(`ok ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL ${name} ${String(error.stack || error).replaceAll("\n", " | ")}`);
    }
    await Promise.all(cleanups.map((cleanup) => cleanup().catch(() => {})));
  }
  process.exit(failed ? 1 : 0);
}

module.exports = { main, test, unique, until };
