/**
 * `deno task bench:load`: starts our server with and without durability and the Python peer, and prints the table of
 * {@linkcode compare}.
 *
 *     deno task bench:load [--rounds 3] [--seconds 2] [--threads N]
 *
 * @module
 */

import { cpus, release, totalmem } from "node:os";
import { parseArgs } from "node:util";

import { peerProgram } from "../../support/peer.ts";
import { projectRoot } from "../../support/project.ts";
import { runCommand } from "../../support/run_command.ts";
import { serverProgram } from "../../support/server.ts";
import { ServerProcess } from "../../support/server_process.ts";
import { compare, comparisonHead, formatComparison } from "./compare.ts";

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: "string", default: "3" },
      seconds: { type: "string", default: "2" },
      threads: { type: "string" },
    },
  });
  const threads = values.threads === undefined ? [] : ["--threads", values.threads];
  const servers: ServerProcess[] = [];
  const start = async (program: Parameters<typeof ServerProcess.start>[0]) => {
    servers.push(await ServerProcess.start(program));
    return servers.at(-1)!;
  };
  try {
    print(await describeMachine());
    print(`command: deno task bench:load ${args.join(" ")}`);
    print(comparisonHead);
    await compare({
      peer: await start(peerProgram()),
      ours: await start(serverProgram({ args: threads })),
      oursInMemory: await start(serverProgram({ args: [...threads, "--durability", "none"] })),
    }, {
      rounds: Number(values.rounds),
      seconds: Number(values.seconds),
      report: (comparison) => print(formatComparison(comparison)),
    });
  } finally {
    for (const server of servers) await server.stop();
  }
}

async function describeMachine(): Promise<string> {
  const processors = cpus();
  return [
    `${processors.length} x ${processors[0]?.model.trim() ?? "unknown processor"}`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `${Deno.build.os} ${release()}`,
    `Deno ${Deno.version.deno}`,
    `ours ${await describeOurs()}`,
    "peer histserv 0.2.1",
    "load generator on the same machine",
  ].join(", ");
}

/** The commit; a folder without git has none. */
async function describeOurs(): Promise<string> {
  const command = ["git", "-C", projectRoot, "describe", "--always", "--dirty"];
  const result = await runCommand(command).catch(() => null);
  return result?.code === 0 ? result.stdout.trim() : "of no commit";
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

await main(Deno.args);
