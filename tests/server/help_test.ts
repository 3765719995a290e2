/** @module */

import assert from "node:assert/strict";
import { helpText } from "../../lib/server/help.ts";
import { optionRows } from "../../lib/server/option_table.ts";

Deno.test("helpText: shows every option with its default, at most 92 characters a line", () => {
  const text = helpText();
  for (const row of optionRows) {
    assert.ok(text.includes(`--${row.name}`), row.name);
    if (row.fallback !== undefined) assert.ok(text.includes(`[${row.fallback}]`), row.name);
  }
  for (const line of text.split("\n")) assert.ok(line.length <= 92, line);
});
