/** @module */

import assert from "node:assert/strict";
import { readCapabilities, relaunchArgs } from "../../lib/server/relaunch.ts";

const program = new URL("../support/relaunch_program.ts", import.meta.url);
const root = new URL("../../", import.meta.url);
const everything = new Set(["read", "write", "net", "env", "sys", "run", "ffi", "import"]);

interface Report {
  readonly pid: number;
  readonly launcherPid: number | null;
  readonly args: readonly string[];
  readonly worker: {
    readonly hasKv: boolean;
    readonly hasReusePort: boolean;
    readonly port: number;
  };
}

/** One file without a deno.json near it, an empty folder to start it in, a folder for data. */
interface Bundle {
  readonly file: string;
  readonly emptyDir: string;
  readonly dataDir: string;
}

async function withBundle(use: (bundle: Bundle) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "histserv-relaunch-" });
  try {
    const file = `${dir}/out.js`;
    const bundled = await new Deno.Command(Deno.execPath(), {
      args: ["bundle", "--quiet", program.pathname, "-o", file],
      cwd: root,
    }).output();
    assert.equal(bundled.code, 0, new TextDecoder().decode(bundled.stderr));
    for (const name of ["empty", "data"]) await Deno.mkdir(`${dir}/${name}`);
    await use({ file, emptyDir: `${dir}/empty`, dataDir: `${dir}/data` });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function start(bundle: Bundle, main: string, args: readonly string[]): Started {
  return new Started(
    new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-config", main, bundle.dataDir, ...args],
      cwd: bundle.emptyDir,
      env: { DENO_DIR: `${bundle.emptyDir}/../cache` }, // modules of the web stay out of the user's cache
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn(),
  );
}

/** A process whose lines are read one by one. */
class Started {
  readonly child: Deno.ChildProcess;
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor(child: Deno.ChildProcess) {
    this.child = child;
    this.#reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next line, or null at the end of the output, when nobody holds it any more. */
  async line(): Promise<string | null> {
    while (!this.#text.includes("\n")) {
      const { value, done } = await this.#reader.read();
      if (done) return null;
      this.#text += value;
    }
    const end = this.#text.indexOf("\n");
    const line = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 1);
    return line;
  }

  async report(): Promise<Report> {
    const line = await this.line();
    assert.ok(line !== null, "the program ended before it reported");
    return JSON.parse(line);
  }

  /** Waits for the end of everything that holds the output: the launcher and its child. */
  async finish(): Promise<number> {
    while (await this.line() !== null);
    return (await this.child.status).code;
  }
}

function isRunning(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT");
    return true;
  } catch {
    return false;
  }
}

Deno.test("Relaunch: one bundled file opens KV and its own worker from an empty folder without config", async () => {
  await withBundle(async (bundle) => {
    const started = start(bundle, bundle.file, ["--flag", "a b", "ü"]);
    const report = await started.report();
    assert.equal(report.launcherPid, started.child.pid);
    assert.notEqual(report.pid, started.child.pid);
    assert.deepEqual(report.args, [bundle.dataDir, "--flag", "a b", "ü"]);
    assert.equal(report.worker.hasKv && report.worker.hasReusePort, true);
    started.child.kill("SIGTERM");
    assert.equal(await started.line(), "SIGTERM");
    assert.equal(await started.finish(), 7);
  });
});

Deno.test("Relaunch: a main module of the web starts in the same way", async () => {
  await withBundle(async (bundle) => {
    const text = await Deno.readTextFile(bundle.file);
    const web = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => new Response(text, { headers: { "content-type": "text/javascript" } }),
    );
    const started = start(bundle, `http://127.0.0.1:${web.addr.port}/cli.js`, ["x"]);
    const report = await started.report();
    assert.deepEqual(report.args, [bundle.dataDir, "x"]);
    started.child.kill("SIGINT");
    assert.equal(await started.line(), "SIGINT");
    assert.equal(await started.finish(), 7);
    await web.shutdown();
  });
});

Deno.test("Relaunch: kill -9 of the launcher ends its child and frees the port", async () => {
  await withBundle(async (bundle) => {
    const started = start(bundle, bundle.file, []);
    const report = await started.report();
    started.child.kill("SIGKILL");
    await started.finish(); // the child held the output too: at its end the child is gone
    // A zombie may wait for its reaper, but its sockets and files are closed.
    const listener = Deno.listen({ hostname: "127.0.0.1", port: report.worker.port });
    listener.close();
  });
});

Deno.test("Relaunch: kill -9 of the child ends the launcher with 137", async () => {
  await withBundle(async (bundle) => {
    const started = start(bundle, bundle.file, []);
    const report = await started.report();
    Deno.kill(report.pid, "SIGKILL");
    assert.equal(await started.finish(), 137);
    assert.equal(isRunning(started.child.pid), false);
  });
});

Deno.test("Relaunch: SIGHUP is passed on", async () => {
  await withBundle(async (bundle) => {
    const started = start(bundle, bundle.file, []);
    await started.report();
    started.child.kill("SIGHUP");
    assert.equal(await started.line(), "SIGHUP");
    assert.equal(await started.finish(), 7);
  });
});

Deno.test("Relaunch: the child's exit code is the launcher's", async () => {
  await withBundle(async (bundle) => {
    assert.equal(await start(bundle, bundle.file, ["exit=3"]).finish(), 3);
    assert.equal(await start(bundle, bundle.file, ["exit=0"]).finish(), 0);
  });
});

Deno.test("relaunchArgs: a bundle or a module of the web takes no config, a source tree keeps its own", () => {
  const options = { args: ["serve", "-p", "1"] };
  assert.deepEqual(
    relaunchArgs({ ...options, mainUrl: "file:///a/out.js" }, everything),
    [
      "run",
      "--no-prompt",
      "-A",
      "--unstable-kv",
      "--unstable-net",
      "--unstable-no-legacy-abort",
      "--no-config",
      "file:///a/out.js",
      "serve",
      "-p",
      "1",
    ],
  );
  assert.ok(
    relaunchArgs({ ...options, mainUrl: "https://example.org/main.ts" }, everything)
      .includes("--no-config"),
  );
  assert.ok(
    !relaunchArgs({ ...options, mainUrl: "file:///a/main.ts" }, everything).includes("--no-config"),
  );
});

Deno.test("relaunchArgs: the child never has more permissions than its launcher", () => {
  const args = relaunchArgs({ mainUrl: "file:///a/out.js", args: [] }, new Set(["run", "net"]));
  assert.deepEqual(
    args.filter((arg) => arg.startsWith("-A") || arg.startsWith("--allow")),
    ["--allow-net", "--allow-run"],
  );
});

Deno.test("readCapabilities: sees both flags of this project's deno.json", () => {
  assert.deepEqual(readCapabilities(), { hasKv: true, hasReusePort: true });
});

for (
  const [flags, expected] of [
    [[], { hasKv: false, hasReusePort: false }],
    [["--unstable-kv"], { hasKv: true, hasReusePort: false }],
    [["--unstable-net"], { hasKv: false, hasReusePort: true }],
  ] as const
) {
  Deno.test(`readCapabilities: tells what is missing with flags [${flags.join(" ")}], without ending the process`, async () => {
    const probe = `import { readCapabilities } from ${
      JSON.stringify(new URL("lib/server/relaunch.ts", root).href)
    }; Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(readCapabilities())));`;
    const output = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-config", ...flags, `data:text/javascript,${encodeURIComponent(probe)}`],
    }).output();
    assert.deepEqual(JSON.parse(new TextDecoder().decode(output.stdout)), expected);
  });
}
