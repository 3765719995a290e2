/**
 * The test command of the project, `deno task test`: runs `deno test -A`, lets its output through as it
 * comes, and ends with the line `N passed, N failed, N skipped` that machines can read.
 *
 * Arguments are passed on, for instance a folder or `--filter`.
 *
 * @module
 */
import { join } from "node:path";

const projectRoot = join(import.meta.dirname!, "..");

/** The counts of the last line that `deno test` prints. Steps are not counted. */
interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

const summaryPattern =
  /^(?:ok|FAILED) \| (\d+) passed(?: \([^)]*\))? \| (\d+) failed(?: \([^)]*\))?(?: \| (\d+) ignored)?/gm;

const preparation = Deno.args.length === 0 ? startPreparation() : null;
const { text, code } = await runTests(Deno.args);
await preparation;
const totals = parseTotals(text);
if (code !== 0 && totals.failed === 0) totals.failed = 1; // a module that does not load or type-check
const hasRun = totals.passed + totals.failed > 0;
if (!hasRun) print("\nerror: no test ran\n");
print(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped\n`);
Deno.exit(code !== 0 || totals.failed > 0 || !hasRun ? 1 : 0);

/** Builds and fetches tools beside the first tests; a test that needs one waits for its lock. */
async function startPreparation(): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", join(import.meta.dirname!, "support", "prepare_tools.ts")],
    cwd: projectRoot,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await child.status; // a failure shows in the tests that need the tool
}

async function runTests(args: readonly string[]): Promise<{ text: string; code: number }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", ...args],
    cwd: projectRoot,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of child.stdout) {
    writeAll(piece);
    text += decoder.decode(piece, { stream: true });
  }
  return { text, code: (await child.status).code };
}

function parseTotals(text: string): Totals {
  // deno-lint-ignore no-control-regex -- colours
  const plain = text.replaceAll(/\x1b\[[0-9;]*m/g, "");
  const last = [...plain.matchAll(summaryPattern)].at(-1);
  if (last === undefined) return { passed: 0, failed: 0, skipped: 0 };
  return {
    passed: Number(last[1]),
    failed: Number(last[2]),
    skipped: Number(last[3] ?? 0),
  };
}

function print(text: string): void {
  writeAll(new TextEncoder().encode(text));
}

function writeAll(bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length;) {
    offset += Deno.stdout.writeSync(bytes.subarray(offset));
  }
}
