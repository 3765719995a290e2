/**
 * Every option of `histserv serve` as data: the parser, `--help` and the tests read the same rows.
 *
 * @module
 */

/** `value` takes one, `values` may be repeated, `flag` takes none. */
export type OptionKind = "value" | "values" | "flag";

/** One option. */
export interface OptionRow {
  /** Long name without dashes. */
  readonly name: string;
  readonly short?: string;
  readonly kind: OptionKind;
  /** How `--help` calls the value; absent for flags. */
  readonly placeholder?: string;
  /** Shown as the default; absent where there is none. */
  readonly fallback?: string;
  /** Full sentences for `--help`. */
  readonly text: string;
}

/** A headed part of `--help`. */
export interface OptionGroup {
  readonly title: string;
  readonly rows: readonly OptionRow[];
}

/** All options by topic, in the order in which `--help` shows them. */
export const optionGroups: readonly OptionGroup[] = [
  {
    title: "Where it listens",
    rows: [
      {
        name: "port",
        short: "p",
        kind: "value",
        placeholder: "PORT",
        fallback: "50051",
        text:
          "Port for gRPC, gRPC-Web and Connect over HTTP/2. 0 takes any free port and prints it.",
      },
      {
        name: "dashboard-port",
        kind: "value",
        placeholder: "PORT",
        fallback: "8050",
        text:
          "Port for browsers: Connect, gRPC-Web and /healthz over HTTP/1.1. 0 takes any free port.",
      },
      { name: "no-dashboard", kind: "flag", text: "Do not open the port for browsers." },
      {
        name: "host",
        kind: "values",
        placeholder: "ADDRESS",
        fallback: "127.0.0.1 and ::1",
        text:
          "Address to listen on; may be repeated. Any address that other machines can reach needs " +
          "--token-file or --insecure. 0.0.0.0 and :: mean every address.",
      },
      {
        name: "cors-origin",
        kind: "values",
        placeholder: "ORIGIN",
        fallback: "none",
        text:
          "Web page that may call the server from a browser, as https://example.org; may be repeated.",
      },
    ],
  },
  {
    title: "Who may use it",
    rows: [
      {
        name: "token-file",
        kind: "value",
        placeholder: "FILE",
        text:
          "Only the tokens in FILE may use the server: one a line, # begins a comment. Clients send " +
          "theirs as x-histserv-token; without a valid one the answer is UNAUTHENTICATED. Health stays open.",
      },
      {
        name: "insecure",
        kind: "flag",
        text: "Listen on addresses that other machines can reach without asking for tokens.",
      },
    ],
  },
  {
    title: "What it keeps",
    rows: [
      {
        name: "data",
        kind: "value",
        placeholder: "DIR",
        fallback: "the platform's data directory",
        text: "Directory that holds the histograms. One process at a time may use it.",
      },
      {
        name: "durability",
        kind: "value",
        placeholder: "MODE",
        fallback: "commit",
        text:
          "commit: an answer means that the fill is on disk. interval=MS: answers come from memory, and at " +
          "most the last MS milliseconds are lost in a crash. none: memory only, nothing is kept.",
      },
      {
        name: "flush-dir",
        kind: "value",
        placeholder: "DIR",
        fallback: "exports/ in the data directory",
        text:
          "The only directory that Flush may write into; exports of large histograms wait there.",
      },
      {
        name: "prune-after-seconds",
        kind: "value",
        placeholder: "SECONDS",
        fallback: "86400",
        text:
          "Delete histograms that nobody used for so long. 0 = never. Time while the server was down " +
          "does not count.",
      },
      {
        name: "prune-interval-seconds",
        kind: "value",
        placeholder: "SECONDS",
        fallback: "300",
        text: "How often to look for them.",
      },
    ],
  },
  {
    title: "How much it takes",
    rows: [
      {
        name: "threads",
        kind: "value",
        placeholder: "COUNT",
        fallback: "the number of cores, at most 8",
        text: "Threads that receive fills, from 1 to 8.",
      },
      {
        name: "max-bytes",
        kind: "value",
        placeholder: "SIZE",
        fallback: "half of the memory",
        text:
          "Memory for histograms, keys and ids (512MiB, 4GB, plain bytes). An Init beyond it is refused " +
          "with RESOURCE_EXHAUSTED.",
      },
      {
        name: "max-message-bytes",
        kind: "value",
        placeholder: "SIZE",
        fallback: "512MiB",
        text: "Largest Init, Fill, FillMany and Snapshot, before and after decompression.",
      },
    ],
  },
  {
    title: "What it says",
    rows: [
      {
        name: "log-level",
        kind: "value",
        placeholder: "LEVEL",
        fallback: "info",
        text:
          "debug, info, warning, error or critical, in any case. The log goes to standard error.",
      },
      {
        name: "log-format",
        kind: "value",
        placeholder: "FORMAT",
        fallback: "text",
        text: "text for people, json for machines: one object a line.",
      },
      {
        name: "stats-interval-seconds",
        kind: "value",
        placeholder: "SECONDS",
        fallback: "60",
        text: "How often to log a line of statistics. 0 = never.",
      },
      { name: "help", short: "h", kind: "flag", text: "Print this text." },
      { name: "version", kind: "flag", text: "Print the version." },
    ],
  },
];

/** All rows of {@linkcode optionGroups}. */
export const optionRows: readonly OptionRow[] = optionGroups.flatMap((group) => group.rows);

/** The environment variable behind an option: `HISTSERV_MAX_BYTES` for `max-bytes`. */
export function environmentName(optionName: string): string {
  return `HISTSERV_${optionName.replaceAll("-", "_").toUpperCase()}`;
}
