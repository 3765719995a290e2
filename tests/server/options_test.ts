/** @module */

import assert from "node:assert/strict";
import { environmentName, optionRows } from "../../lib/server/option_table.ts";
import { type OptionSource, parseCommand, type ServeOptions } from "../../lib/server/options.ts";
import { OptionError } from "../../lib/server/start_error.ts";
import { parseTokenFile } from "../../lib/server/token_file.ts";

const gib = 2 ** 30;

function sourceWith(
  env: Readonly<Record<string, string>> = {},
  tokenText = "secret-1",
): OptionSource {
  const all: Readonly<Record<string, string>> = { HOME: "/home/ada", ...env };
  return {
    os: "linux",
    coreCount: 2,
    env: (name) => all[name],
    memory: () => ({ bytes: 3 * gib, source: "machine" }),
    readTokens: (path) => parseTokenFile(tokenText, path),
  };
}

function parse(args: string, env: Readonly<Record<string, string>> = {}): ServeOptions {
  const command = parseCommand(args.split(" ").filter((arg) => arg !== ""), sourceWith(env));
  assert.equal(command.kind, "serve");
  return (command as { options: ServeOptions }).options;
}

/** Asserts that `args` are refused with exit code 2 and a message that holds every one of `parts`. */
function refuses(
  args: string,
  parts: readonly string[],
  env: Readonly<Record<string, string>> = {},
): void {
  assert.throws(() => parse(args, env), (error: unknown) => {
    assert.ok(error instanceof OptionError, String(error));
    assert.equal(error.exitCode, 2);
    for (const part of parts) {
      assert.ok(error.message.includes(part), `${error.message} lacks ${part}`);
    }
    assert.doesNotMatch(error.message, /\.$/);
    return true;
  });
}

Deno.test("Options: the defaults of the issue", () => {
  assert.deepEqual(parse(""), {
    hosts: ["127.0.0.1", "::1"],
    areHostsDefault: true,
    port: 50051,
    dashboardPort: 8050,
    isDashboardPortDefault: true,
    corsOrigins: [],
    tokens: null,
    dataDir: "/home/ada/.local/share/histserv",
    flushDir: "/home/ada/.local/share/histserv/exports",
    durability: { kind: "commit" },
    threadCount: 2,
    memory: { bytes: 3 * gib, source: "machine" },
    maxMessageBytes: 512 * 2 ** 20,
    pruneAfterSeconds: 86400,
    pruneIntervalSeconds: 300,
    statsIntervalSeconds: 60,
    logLevel: "info",
    logFormat: "text",
  });
});

Deno.test("Options: the command serve may be left out", () => {
  assert.deepEqual(parse("serve --port 1"), parse("--port 1"));
  assert.deepEqual(parse("--port 1 serve"), parse("--port 1"));
});

Deno.test("Options: Python histserv's flags work unchanged (python -m histserv --help, 0.2.1)", () => {
  const options = parse(
    "-p 0 --prune-after-seconds 12.5 --prune-interval-seconds 0.5 --stats-interval-seconds 5 --log-level DEBUG --dashboard-port 0",
  );
  assert.equal(options.port, 0);
  assert.equal(options.dashboardPort, 0);
  assert.equal(options.pruneAfterSeconds, 12.5);
  assert.equal(options.pruneIntervalSeconds, 0.5);
  assert.equal(options.statsIntervalSeconds, 5);
  assert.equal(options.logLevel, "debug");
  for (const level of ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]) {
    assert.equal(parse(`--log-level ${level}`).logLevel, level.toLowerCase());
  }
  assert.equal(parse("-p50052").port, 50052);
  assert.equal(parse("--port=50052 --port 50053").port, 50053); // argparse: the last wins
});

Deno.test("Options: sizes take decimal and binary units", () => {
  assert.equal(parse("--max-bytes 512MiB").memory.bytes, 512 * 2 ** 20);
  assert.equal(parse("--max-bytes 4GB").memory.bytes, 4e9);
  assert.equal(parse("--max-bytes 4g").memory.bytes, 4 * gib);
  assert.equal(parse("--max-bytes 1000000").memory.bytes, 1_000_000);
  assert.equal(parse("--max-bytes 1.5KiB --max-bytes 1.5MiB").memory.bytes, 1.5 * 2 ** 20);
  assert.equal(parse("--max-bytes 64GiB").memory.source, "given");
  assert.equal(parse("--max-message-bytes 1MB").maxMessageBytes, 1e6);
  refuses("--max-bytes 65GiB", ["--max-bytes", '"65GiB"', "64 GiB"]);
  refuses("--max-bytes 0", ["--max-bytes", '"0"']);
  refuses("--max-bytes lots", ["--max-bytes", '"lots"', "512MiB"]);
  refuses("--max-message-bytes 2GiB", ["--max-message-bytes", "2 GiB"]);
});

Deno.test("Options: durability is commit, interval=MS or none", () => {
  assert.deepEqual(parse("--durability none").durability, { kind: "none" });
  assert.deepEqual(parse("--durability interval=50").durability, {
    kind: "interval",
    intervalMs: 50,
  });
  assert.deepEqual(parse("--durability commit").durability, { kind: "commit" });
  for (const bad of ["interval", "interval=", "interval=0", "interval=3600001", "fast", "COMMIT"]) {
    refuses(`--durability ${bad}`, ["--durability", `"${bad}"`, "commit, none or interval=MS"]);
  }
});

Deno.test("Options: threads default to the cores, at most 8", () => {
  const withCores = (coreCount: number): number => {
    const command = parseCommand([], { ...sourceWith(), coreCount });
    return command.kind === "serve" ? command.options.threadCount : -1;
  };
  assert.deepEqual([1, 2, 8, 9, 64].map(withCores), [1, 2, 8, 8, 8]);
  assert.equal(parse("--threads 5").threadCount, 5);
  refuses("--threads 9", ["--threads", '"9"']);
  refuses("--threads 0", ["--threads", '"0"', "from 1 to 8"]);
  refuses("--threads 2.5", ["--threads", '"2.5"']);
});

Deno.test("Options: what other machines can reach needs --token-file or --insecure", () => {
  for (
    const host of ["0.0.0.0", "::", "192.168.1.5", "example.org", "127.0.0.1.example.org", "[::]"]
  ) {
    refuses(`--host ${host}`, ["--token-file", "--insecure", host.replace(/[[\]]/g, "")]);
    assert.equal(parse(`--host ${host} --insecure`).areHostsDefault, false);
    assert.deepEqual(parse(`--host ${host} --token-file f`).tokens, new Set(["secret-1"]));
  }
  refuses("--host 127.0.0.1 --host 10.0.0.1", ['"10.0.0.1"']);
  for (const host of ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost"]) {
    parse(`--host ${host}`);
  }
});

Deno.test("Options: --host may be repeated, localhost is both loopback addresses", () => {
  assert.deepEqual(parse("--host 127.0.0.1 --host 127.0.0.1 --host ::1").hosts, [
    "127.0.0.1",
    "::1",
  ]);
  assert.equal(parse("--host ::1").areHostsDefault, false);
  assert.deepEqual(parse("--host localhost").hosts, ["127.0.0.1", "::1"]);
  assert.equal(parse("--host localhost").areHostsDefault, true);
  for (const bad of ["127.0.0.1:80", "http://a", "a_b!", "", "::1]"]) {
    refuses(`--host=${bad}`, ["--host", `"${bad}"`]);
  }
});

Deno.test("Options: a foreign page needs its origin named; * needs a guard", () => {
  assert.deepEqual(
    parse("--cors-origin https://Example.org/ --cors-origin http://localhost:3000").corsOrigins,
    ["https://example.org", "http://localhost:3000"],
  );
  for (const bad of ["example.org", "https://a/b", "ftp://a", "null", "https://u@a"]) {
    refuses(`--cors-origin ${bad}`, ["--cors-origin", `"${bad}"`]);
  }
  refuses("--cors-origin *", ["--token-file", "--insecure"]);
  assert.deepEqual(parse("--cors-origin * --insecure").corsOrigins, ["*"]);
});

Deno.test("Options: the dashboard can be off, not off and on", () => {
  assert.equal(parse("--no-dashboard").dashboardPort, null);
  assert.equal(parse("", { HISTSERV_NO_DASHBOARD: "1" }).dashboardPort, null);
  assert.equal(parse("--dashboard-port 1", { HISTSERV_NO_DASHBOARD: "1" }).dashboardPort, 1);
  assert.equal(parse("--no-dashboard", { HISTSERV_DASHBOARD_PORT: "1" }).dashboardPort, null);
  assert.equal(parse("", { HISTSERV_NO_DASHBOARD: "0" }).dashboardPort, 8050);
  refuses("--no-dashboard --dashboard-port 1", ["--no-dashboard", "--dashboard-port"]);
});

Deno.test("Options: every option comes from the environment too, and the command line wins", () => {
  const env = {
    HISTSERV_PORT: "7",
    HISTSERV_HOST: "127.0.0.1, ::1",
    HISTSERV_MAX_BYTES: "1MiB",
    HISTSERV_DATA: "/d",
  };
  const options = parse("--port 8", env);
  assert.equal(options.port, 8);
  assert.deepEqual(options.hosts, ["127.0.0.1", "::1"]);
  assert.equal(options.memory.bytes, 2 ** 20);
  assert.equal(options.flushDir, "/d/exports");
  refuses("", ["HISTSERV_PORT", '"x"'], { HISTSERV_PORT: "x" });
  assert.equal(parse("", { HISTSERV_PORT: "" }).port, 50051); // set but empty: not set
  for (const row of optionRows) assert.match(environmentName(row.name), /^HISTSERV_[A-Z_]+$/);
});

Deno.test("Options: help and version win over everything but a wrong option", () => {
  for (const args of [["-h"], ["serve", "--help"], ["--port", "x", "--help"]]) {
    assert.equal(parseCommand(args, sourceWith()).kind, "help");
  }
  assert.equal(parseCommand(["--version"], sourceWith()).kind, "version");
  refuses("--help --prot", ["--port"]);
});

Deno.test("Options: a wrong name is refused with the nearest right one", () => {
  refuses("--prot 1", ["--prot", "Did you mean --port?"]);
  refuses("--dash 1", ["Did you mean --dashboard-port?"]);
  refuses("--durabilty none", ["Did you mean --durability?"]);
  refuses("--zzzzzzzz", ["See --help"]);
  refuses("-x", ["-x"]);
  refuses("srve", ['"srve"', 'Did you mean "serve"?']);
  refuses("frobnicate", ['"frobnicate"', "There is: serve"]);
  refuses("serve now", ['"now"']);
});

Deno.test("Options: a forgotten or negative value is named", () => {
  refuses("--port", ["--port", "needs a value", "PORT"]);
  refuses("--port --insecure", ["--port", "needs a value"]);
  refuses("-p", ["-p", "needs a value"]);
  refuses("--port -1", ["--port", '"-1"', "from 0 to 65535"]);
  refuses("--port 65536", ["--port", '"65536"']);
  refuses("--port 0x10", ["--port", '"0x10"']);
  refuses("--port=", ["--port", '""']);
  refuses("--prune-after-seconds -5", ["--prune-after-seconds", '"-5"']);
  refuses("--prune-after-seconds nan", ["--prune-after-seconds"]);
  refuses("--prune-interval-seconds 0", ["--prune-interval-seconds", "above 0"]);
  refuses("--log-level loud", ["--log-level", '"loud"', "debug, info, warning, error, critical"]);
  refuses("--log-format xml", ["--log-format", '"xml"', "text or json"]);
  refuses("--insecure=perhaps", ["--insecure", '"perhaps"']);
  refuses("--data=", ["--data"]);
});

Deno.test("Options: a token file that is not there is refused by name", () => {
  const { readTokens: _, ...source } = sourceWith();
  const readTokens = (path: string): ReadonlySet<string> => {
    throw new OptionError(`Cannot read --token-file "${path}": there is no such file`);
  };
  assert.throws(
    () => parseCommand(["--token-file", "/no/file"], { ...source, readTokens }),
    /"\/no\/file"/,
  );
});
