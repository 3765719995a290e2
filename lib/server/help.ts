/**
 * `histserv --help`: what to type first, every option, and what to expect.
 *
 * @module
 */

import { environmentName, optionGroups, type OptionRow } from "./option_table.ts";
import { version } from "./version.ts";

const widthChars = 92;
const indentChars = 6;

/** The whole text, without a newline at its end. */
export function helpText(): string {
  return [
    `histserv ${version}: histograms as a service. Many writers fill, nothing acknowledged is lost.`,
    "",
    "Usage: histserv [serve] [options]",
    "",
    "  histserv                                    on this machine, data in your data directory",
    "  histserv --port 50051 --data ./histograms   data beside you",
    "  histserv --host 0.0.0.0 --token-file tokens.txt",
    "                                              for other machines, with tokens",
    "  histserv --durability none --no-dashboard   as fast as memory, nothing kept",
    "",
    "Then, with the Python package `histserv` (0.1.9 or 0.2.x):",
    "",
    "  from hist import Hist; from histserv import Client; import numpy as np",
    '  with Client(address="[::]:50051") as client:',
    '      h = client.init(Hist.new.Reg(30, -3, 3, name="x").Double())',
    "      h.fill(x=np.random.normal(size=1000))",
    "      print(h.snapshot().to_hist())",
    "",
    ...optionGroups.flatMap((group) => [`${group.title}:`, ...group.rows.flatMap(describeRow), ""]),
    ...wrap(
      `Every option but --help and --version may come from the environment: ${
        environmentName("port")
      }, ` +
        `${environmentName("max-bytes")}, ${
          environmentName("no-dashboard")
        }=1 and so on; repeated ones are ` +
        "separated by commas. The command line wins.",
      0,
    ),
    "",
    ...wrap(
      "SIGTERM and SIGINT (Ctrl-C) drain: calls in flight are answered, everything acknowledged is on disk, " +
        "exit code 0. After kill -9, start again on the same data: it goes on where it was. " +
        "Exit codes: 0 drained, 1 cannot start or go on, 2 wrong option.",
      0,
    ),
  ].join("\n");
}

function describeRow(row: OptionRow): string[] {
  const short = row.short === undefined ? "" : `-${row.short}, `;
  const value = row.placeholder === undefined ? "" : ` ${row.placeholder}`;
  const fallback = row.fallback === undefined ? "" : ` [${row.fallback}]`;
  return [`  ${short}--${row.name}${value}${fallback}`, ...wrap(row.text, indentChars)];
}

/** Lines of at most 92 characters, indented by `indent` spaces, broken at spaces. */
function wrap(text: string, indent: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent + line.length + 1 + word.length > widthChars) {
      lines.push(" ".repeat(indent) + line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, " ".repeat(indent) + line];
}
