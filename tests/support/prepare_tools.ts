/**
 * Makes every tool that tests need. `tests/run.ts` starts it beside the first tests; a test that
 * needs a tool makes it by itself, or waits for this process to finish it.
 *
 * @module
 */
import { debianTool } from "./debian.ts";
import { grpcurlTool, h2specTool } from "./go_tools.ts";
import { nodeTool } from "./node_clients.ts";
import { pythonTool } from "./python.ts";

await Promise.all([
  prepareInOrder([
    () => nodeTool(),
    () => pythonTool("0.2.1"),
    () => pythonTool("0.1.9"),
    () => debianTool("h2load", "nghttp2-client"),
    () => debianTool("curl", "curl"),
    () => debianTool("strace", "strace"),
  ]),
  prepareInOrder([grpcurlTool, h2specTool]),
]);

async function prepareInOrder(tools: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const tool of tools) await tool();
}
