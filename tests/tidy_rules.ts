/**
 * What `tests/tidy_test.ts` checks, as data: the floors, who may import what, the doors, and the exceptions with
 * their reasons.
 *
 * @module
 */

/** A room of the house. */
export interface Room {
  /** Imports go to lower floors only. */
  readonly floor: number;
  /** The only rooms that it may import, where the floor alone would allow more. */
  readonly rooms?: readonly string[];
  /** npm packages and `node:` modules by their first segment; none by default. */
  readonly packages?: readonly string[];
}

/** Rooms by folder: `lib/<name>`, `routes` or `islands`. Rooms of later issues have their floor already. */
export const rooms: Readonly<Record<string, Room>> = {
  base: { floor: 0 },
  hist: { floor: 0 },
  hdr: { floor: 0, packages: ["fflate"] },
  wire: { floor: 1, rooms: ["hist", "hdr"], packages: ["@bufbuild/protobuf"] },
  plot: { floor: 1, rooms: ["hist", "hdr"] },
  http2: { floor: 1, rooms: ["base"] },
  accum: { floor: 1, rooms: ["base", "hist"] },
  journal: { floor: 1, rooms: ["base"], packages: ["node:"] },
  hdf5: { floor: 1, rooms: ["base", "hist"], packages: ["node:", "h5wasm"] },
  web: { floor: 1, rooms: ["base"] },
  client: {
    floor: 2,
    rooms: ["hist", "hdr", "wire"],
    packages: ["@bufbuild/protobuf", "@connectrpc/connect"],
  },
  transport: { floor: 2, rooms: ["base", "http2"], packages: ["@connectrpc/connect", "node:"] },
  service: { floor: 2, packages: ["@bufbuild/protobuf", "@connectrpc/connect", "node:"] },
  islands: { floor: 3, rooms: ["hist", "hdr", "wire", "plot", "client"] },
  cli: { floor: 3, packages: ["node:"] },
  routes: { floor: 4 },
  server: { floor: 5, packages: ["@bufbuild/protobuf", "@connectrpc/connect", "hono", "node:"] },
};

/** A capability of the runtime and the only files that may touch it. */
export interface Door {
  readonly capability: string;
  /** Looked for in code without comments and strings. */
  readonly pattern: RegExp;
  readonly files: RegExp;
}

/** Apart from these files, everything takes its clock, randomness, store and network as parameters. */
export const doors: readonly Door[] = [
  { capability: "Deno.openKv", pattern: /\bDeno\.openKv\b/, files: /^lib\/journal\/kv_store\.ts$/ },
  {
    capability: "sockets",
    pattern: /\bDeno\.(listen|listenTls|listenDatagram|connect|connectTls|serve)\b/,
    files: /^lib\/transport\/\w+_listener\.ts$/,
  },
  {
    capability: "shared memory",
    pattern: /\b(Atomics\.|new SharedArrayBuffer\b)/,
    files: /^lib\/(accum\/.*|server\/thread)\.ts$/,
  },
  {
    capability: "time",
    pattern: /\b(Date\.now|performance\.now|new Date\(\))/,
    files: /^lib\/base\/clock\.ts$/,
  },
  {
    capability: "randomness",
    pattern: /\b(Math\.random|getRandomValues|randomUUID|randomBytes)\b/,
    files: /^lib\/base\/prng\.ts$/,
  },
  {
    capability: "Connect's error codes",
    pattern: /\bConnectError\b/,
    files: /^lib\/service\/errors\.ts$/,
  },
  {
    capability: "the console",
    pattern: /\b(console\.|Deno\.(stdout|stderr)\b)/,
    files: /^lib\/(server\/log|cli\/.*)\.ts$/,
  },
];

/** Longer files need an entry in {@linkcode longFiles}. */
export const linesMax = 350;

/** Files over the limit, each with the reason why it is one thing. */
export const longFiles: Readonly<Record<string, string>> = {
  "tests/http2/flow_control_test.ts":
    "the rules of one chapter of RFC 9113, windows in both directions",
  "tests/http2/limits_test.ts":
    "one table of attacks and what must happen, read side by side with its source",
  "tests/http2/receiver_test.ts": "the rules of one chapter of RFC 9113, frame by frame",
};

/** Names that say nothing about what a file holds. */
export const forbiddenNames: readonly string[] = [
  "util",
  "utils",
  "helper",
  "helpers",
  "common",
  "misc",
  "types",
  "index",
];

/** Written by tools: their imports count, their form does not. */
export const generated = /^lib\/wire\/gen\//;

/** Hosts that a committed text may name: standards, examples, this machine, and where users get things. */
export const allowedHosts: readonly RegExp[] = [
  /^(\w+\.)*example\.(org|com|net)$/i,
  /^(localhost|127\.0\.0\.1|\[::1\])$/,
  /^(www\.)?(apache|rfc-editor|keepachangelog|semver|w3|json-schema)\.(org|com)$/,
  /^(github|docs\.github|raw\.githubusercontent)\.com$/,
  /^(docs\.)?deno\.(com|land)$/,
];

/** Folders of the machine that this was written on; none may be named. Assembled, so that this file names none. */
export const machinePaths: readonly RegExp[] = ["work", "root", "tmp"].map(
  (folder) => new RegExp(`(^|[\\s"'\`=:(])/${folder}/`, "m"),
);
