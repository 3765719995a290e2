/**
 * The rules of the house that a program can check. See `tidy_rules.ts` for what they are.
 *
 * @module
 */

import assert from "node:assert/strict";
import { listImports, readSource, type SourceText } from "./support/source_text.ts";
import { listTree, readTreeFile } from "./support/source_tree.ts";
import * as rules from "./tidy_rules.ts";

const tree = listTree();
const sources: ReadonlyMap<string, SourceText> = new Map(
  tree.filter((path) => /\.tsx?$/.test(path)).map((path) => [path, readSource(readTreeFile(path))]),
);
/** What runs in a server or a browser; not tests and tools. */
const program = [...sources].filter(([path]) => /^(lib|routes|islands)\/|^main\.ts$/.test(path));
const written = [...sources].filter(([path]) => !rules.generated.test(path));

/** Fails with all findings at once, one a line. */
function assertNone(findings: readonly string[]): void {
  assert.ok(findings.length === 0, `\n${findings.join("\n")}`);
}

/** `path:line` of every match of `pattern` in `text`. */
function locate(path: string, text: string, pattern: RegExp): string[] {
  return text.split("\n").flatMap((line, index) =>
    pattern.test(line) ? [`${path}:${index + 1}`] : []
  );
}

/** `hist` for lib/hist/axis.ts, `routes` for routes/…, null for main.ts. */
function roomOf(path: string): string | null {
  return /^lib\/(\w+)\//.exec(path)?.[1] ?? /^(routes|islands)\//.exec(path)?.[1] ?? null;
}

/** The modules through which a room is entered: mod.ts, and for a published room what its deno.json exports. */
function doorsOf(room: string): string[] {
  const doors = [`lib/${room}/mod.ts`];
  if (!tree.includes(`lib/${room}/deno.json`)) return doors;
  const { exports } = JSON.parse(readTreeFile(`lib/${room}/deno.json`));
  const files: string[] = typeof exports === "string" ? [exports] : Object.values(exports ?? {});
  return [...doors, ...files.map((file) => file.replace("./", `lib/${room}/`))];
}

/** Why `path` may not import `specifier`, or null if it may. */
function judgeImport(path: string, specifier: string): string | null {
  const room = roomOf(path);
  if (!specifier.startsWith(".")) {
    if (room === null) return "main.ts imports rooms only";
    const allowed = rules.rooms[room]?.packages ?? [];
    return allowed.some((name) => specifier.startsWith(name))
      ? null
      : `${room} may not use this package`;
  }
  const target = new URL(specifier, `file:///${path}`).pathname.slice(1);
  if (!sources.has(target)) return `there is no ${target}`;
  const targetRoom = roomOf(target);
  if (targetRoom === null) return "only rooms may be imported";
  if (targetRoom === room) return null;
  if (target.startsWith("lib/") && !doorsOf(targetRoom).includes(target)) {
    return `enter ${targetRoom} through its mod.ts`;
  }
  if (room === null) return null;
  const from = rules.rooms[room];
  const to = rules.rooms[targetRoom];
  if (from === undefined || to === undefined) return "a room without a floor";
  if (to.floor >= from.floor) return `${targetRoom} is not below ${room}`;
  if (from.rooms !== undefined && !from.rooms.includes(targetRoom)) {
    return `${room} does without ${targetRoom}`;
  }
  return null;
}

Deno.test("Tidy: imports go down the floors, through mod.ts only (DESIGN §2)", () => {
  assertNone(program.flatMap(([path, source]) =>
    listImports(source).flatMap((specifier) => {
      const objection = judgeImport(path, specifier);
      return objection === null ? [] : [`${path}: "${specifier}": ${objection}`];
    })
  ));
});

for (const door of rules.doors) {
  Deno.test(`Tidy: ${door.capability} only behind its door (DESIGN §2)`, () => {
    assertNone(
      program.filter(([path]) => !door.files.test(path)).flatMap(([path, source]) =>
        locate(path, source.code, door.pattern)
      ),
    );
  });
}

Deno.test("Tidy: every room has a floor and one door, mod.ts", () => {
  const folders = new Set(tree.flatMap((path) => /^lib\/(\w+)\//.exec(path)?.[1] ?? []));
  assertNone([...folders].flatMap((name) => [
    ...(rules.rooms[name] === undefined ? [`lib/${name}: no floor in tidy_rules.ts`] : []),
    ...(tree.includes(`lib/${name}/mod.ts`) ? [] : [`lib/${name}: no mod.ts`]),
  ]));
});

Deno.test("Tidy: published rooms use neither Deno nor node: (DESIGN §2)", () => {
  const published = tree.flatMap((path) => /^lib\/(\w+)\/deno\.json$/.exec(path)?.[1] ?? []);
  assert.ok(published.includes("hist") && published.includes("wire"));
  assertNone(
    program.filter(([path]) => published.includes(roomOf(path) ?? "")).flatMap(([path, source]) => [
      ...locate(path, source.code, /\bDeno\b|\bprocess\.|\bBuffer\b/),
      ...listImports(source).filter((name) => name.startsWith("node:")).map((name) =>
        `${path}: ${name}`
      ),
    ]),
  );
});

Deno.test("Tidy: a module begins with its doc (STYLE, Comments)", () => {
  assertNone(written.flatMap(([path, source]) => {
    const doc = /^(?:#!.*\n)?\s*\/\*\*([\s\S]*?)\*\//.exec(source.whole)?.[1] ?? "";
    if (path.endsWith("_test.ts")) return []; // the names of its tests are its doc
    if (!doc.includes("@module")) return [`${path}: no @module`];
    const sentence = doc.replace("@module", "").replaceAll("*", "").trim();
    return sentence === "" ? [`${path}: says nothing before @module`] : [];
  }));
});

Deno.test(`Tidy: a file has at most ${rules.linesMax} lines, or a reason (STYLE, Files and functions)`, () => {
  const long = written.filter(([, source]) =>
    source.whole.trimEnd().split("\n").length > rules.linesMax
  );
  assertNone([
    ...long.filter(([path]) => rules.longFiles[path] === undefined).map(([path]) =>
      `${path}: too long`
    ),
    ...Object.keys(rules.longFiles).filter((path) => !long.some(([each]) => each === path))
      .map((path) => `${path}: has a reason but is not long`),
  ]);
});

Deno.test("Tidy: file names say what is inside (STYLE, Names)", () => {
  assertNone([...sources.keys()].filter((path) => {
    const name = path.slice(path.lastIndexOf("/") + 1).replace(/(_test|_bench)?\.tsx?$/, "");
    return rules.forbiddenNames.includes(name) ||
      (path.endsWith(".ts") && !/^[a-z0-9_.[\]()-]+$/.test(name));
  }));
});

Deno.test("Tidy: no any, no switched-off checks (STYLE)", () => {
  assertNone(written.flatMap(([path, source]) => [
    ...locate(path, source.code, /(?<![.\w$])any\b(?!\s*[(:])/),
    ...locate(path, source.whole, /@ts-(ignore|nocheck|expect-error)\b(?!\|)/).filter(() =>
      !path.includes("tidy_")
    ),
    ...locate(path, source.whole, /deno-lint-ignore(?!.*--)/).filter(() => !path.includes("tidy_")),
  ]));
});

Deno.test("Tidy: no default export and no export * (STYLE, Public API)", () => {
  assertNone(
    written.filter(([path]) => !/^(routes|islands)\//.test(path)).flatMap(([path, source]) =>
      locate(path, source.code, /\bexport\s+(default\b|\*)/)
    ),
  );
});

Deno.test("Tidy: no test is switched off without a reason beside it", () => {
  assertNone(
    written.filter(([path]) => path.startsWith("tests/")).flatMap(([path, source]) => {
      const lines = source.whole.split("\n");
      return [
        ...locate(path, source.code, /\bDeno\.test\.(ignore|only)\b|\bonly:\s*true\b/),
        // testWith of tools.ts says in the test's name which tool is missing and how to get it.
        ...locate(path, source.code, /\bignore:\s/).filter((place) => {
          if (path === "tests/support/tools.ts") return false;
          const line = Number(place.slice(place.lastIndexOf(":") + 1));
          return !`${lines[line - 2] ?? ""}${lines[line - 1]}`.includes("//");
        }),
      ];
    }),
  );
});

Deno.test("Tidy: README has at most 200 lines, and the documents are there (STYLE, Documents)", () => {
  assert.ok(readTreeFile("README.md").trimEnd().split("\n").length <= 200);
  for (const name of ["ARCHITECTURE", "RATIONALE", "CONTRIBUTING", "CHANGELOG"]) {
    assert.ok(tree.includes(`${name}.md`), name);
  }
  assert.ok(tree.includes("LICENSE"));
});

Deno.test("Tidy: no committed text names a foreign host or a folder of one machine", () => {
  const texts = tree.filter((path) =>
    /\.(tsx?|md|jsonc?|lock|ya?ml|proto|py|sh|txt)$|^\.ci\//.test(path) &&
    !path.endsWith("package-lock.json") // npm's own
  );
  assertNone(texts.flatMap((path) => {
    const text = readTreeFile(path);
    const hosts = [...text.matchAll(/https?:\/\/(\[[0-9a-f:]+\]|[\w.-]+)/gi)].map((match) =>
      match[1]!
    );
    return [
      ...hosts.filter((host) =>
        host.includes(".") && !rules.allowedHosts.some((known) => known.test(host))
      )
        .map((host) => `${path}: host ${host}`),
      ...rules.machinePaths.flatMap((pattern) => locate(path, text, pattern)),
    ];
  }));
});
