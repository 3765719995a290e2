/**
 * The command line as its user meets it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";

import { GrpcClient, Status } from "../support/grpc_client.ts";
import { initMessage } from "../support/hist_messages.ts";
import { projectRoot } from "../support/project.ts";
import { type CommandResult, runCommand } from "../support/run_command.ts";
import { serverProgram, withServer } from "../support/server.ts";
import { withServerProcess } from "../support/server_process.ts";
import { histJson } from "./bad_input/hists.ts";

const main = [Deno.execPath(), "run", "-A", join(projectRoot, "main.ts")];

Deno.test("histserv --help: names every option and ends with 0", async () => {
  const { code, stdout } = await histserv(["--help"]);
  assert.equal(code, 0);
  for (const option of optionNames) assert.match(stdout, new RegExp(`--${option}\\b`));
});

Deno.test("histserv --version: prints name and version and ends with 0", async () => {
  const { code, stdout } = await histserv(["--version"]);
  assert.equal(code, 0);
  assert.match(stdout, /^histserv \d+\.\d+\.\d+/);
});

const refused: readonly { args: readonly string[]; says: RegExp }[] = [
  { args: ["--prot", "50051"], says: /--prot.*--port/s },
  { args: ["--port", "70000"], says: /--port.*65535/s },
  { args: ["--port", "many"], says: /--port.*many/s },
  { args: ["--port"], says: /--port/ },
  { args: ["--durability", "maybe"], says: /--durability.*commit/s },
  { args: ["--threads", "0"], says: /--threads/ },
  { args: ["--max-bytes", "lots"], says: /--max-bytes/ },
  { args: ["--log-level", "loud"], says: /--log-level/ },
  { args: ["--token-file", "/nonexistent/tokens"], says: /\/nonexistent\/tokens/ },
  { args: ["srve"], says: /srve.*serve/s },
  { args: ["--host", "0.0.0.0"], says: /--host.*--token-file.*--insecure/s },
  { args: ["--host", "::"], says: /--token-file.*--insecure/s },
];

for (const { args, says } of refused) {
  Deno.test(`histserv ${args.join(" ")}: is refused in a sentence, exit code 2`, async () => {
    const { code, stderr, stdout } = await histserv(args);
    assert.equal(code, 2, stderr + stdout);
    assert.match(stderr, says);
    assert.doesNotMatch(stderr, /\bat (file|async|\S+ \()/); // no stack
  });
}

Deno.test("Start: prints its process id and where it listens; port 0 is any free one", async () => {
  const fromUser = { command: () => [...main, "--port", "0", "--dashboard-port", "0"] };
  const data = await Deno.makeTempDir({ prefix: "histserv-test-" });
  const child = new Deno.Command(fromUser.command()[0]!, {
    args: [...fromUser.command().slice(1), "--data", data],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const ports = await readPorts([child.stdout, child.stderr], child.pid);
  const client = await GrpcClient.connect({ host: "127.0.0.1", port: ports.grpc });
  assert.equal((await client.call("Stats", new Uint8Array())).status, Status.OK);
  client.close();
  const healthz = await fetch(`http://127.0.0.1:${ports.dashboard}/healthz`);
  assert.equal(healthz.status, 200);
  await healthz.body?.cancel();
  child.kill("SIGTERM");
  assert.equal((await child.status).code, 0);
  await Deno.remove(data, { recursive: true });
});

Deno.test("--token-file: only its tokens may use the server, health stays open, none is printed", async () => {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, "# for the analysis\nalpha-token\n\nbeta-token\n");
  await withServer(async (server) => {
    const client = await server.connect();
    const init = initMessage(histJson());
    for (const token of ["alpha-token", "beta-token"]) {
      assert.equal((await client.call("Init", init, { token })).status, Status.OK, token);
    }
    for (
      const options of [{}, { token: "" }, { token: "gamma" }, { token: "# for the analysis" }]
    ) {
      const { status, message } = await client.call("Init", init, options);
      assert.equal(status, Status.UNAUTHENTICATED, message);
      assert.doesNotMatch(message, /gamma|alpha|beta/);
    }
    const health = await client.call("", new Uint8Array(), {
      path: "/grpc.health.v1.Health/Check",
    });
    assert.deepEqual([...health.body], [8, 1]); // SERVING
    client.close();
    assert.doesNotMatch(server.output, /alpha-token|beta-token|gamma/);
  }, { args: ["--token-file", file] });
  await Deno.remove(file);
});

Deno.test("--no-dashboard: the HTTP port stays closed", () =>
  withServerProcess(
    { command: (launch) => withoutDashboard(serverProgram().command(launch)) },
    async (server) => {
      await assert.rejects(Deno.connect({ hostname: server.host, port: server.dashboardPort }));
    },
  ));

const optionNames = [
  "host",
  "port",
  "dashboard-port",
  "no-dashboard",
  "data",
  "durability",
  "threads",
  "max-bytes",
  "max-message-bytes",
  "cors-origin",
  "flush-dir",
  "token-file",
  "insecure",
  "prune-after-seconds",
  "prune-interval-seconds",
  "stats-interval-seconds",
  "log-level",
  "log-format",
  "help",
  "version",
];

async function histserv(args: readonly string[]): Promise<CommandResult> {
  const data = await Deno.makeTempDir({ prefix: "histserv-test-" });
  const result = await runCommand([...main, ...args], {
    env: { HISTSERV_DATA: data },
    timeoutSeconds: 30,
  });
  await Deno.remove(data, { recursive: true });
  return result;
}

function withoutDashboard(command: readonly string[]): readonly string[] {
  const index = command.indexOf("--dashboard-port");
  return [...command.slice(0, index), "--no-dashboard", ...command.slice(index + 2)];
}

/** Reads until both addresses and the process id were printed; both streams are read to their ends. */
function readPorts(
  streams: readonly ReadableStream<Uint8Array>[],
  pid: number,
): Promise<{ grpc: number; dashboard: number }> {
  let text = "";
  return new Promise((resolve, reject) => {
    const read = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
      for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
        text += piece;
        const lines = text.split("\n").slice(0, -1);
        const ports = lines.flatMap((line) => {
          const port = /127\.0\.0\.1:(\d+)/.exec(line)?.[1];
          return port === undefined ? [] : [{ line, port: Number(port) }];
        });
        const grpc = ports.find(({ line }) => /grpc/i.test(line));
        const dashboard = ports.find(({ line }) =>
          /dashboard|http:/i.test(line) && !/grpc:/i.test(line)
        );
        if (grpc && dashboard && text.includes(String(pid))) {
          resolve({ grpc: grpc.port, dashboard: dashboard.port });
        }
      }
    };
    const ended = () => reject(new TypeError(`Cannot find the ports in:\n${text}`));
    Promise.all(streams.map(read)).then(ended, reject);
  });
}
