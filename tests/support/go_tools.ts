/**
 * Tools written in Go, built once into `.tools/bin` at pinned versions.
 *
 * @module
 */
import { join } from "node:path";

import { findOnPath } from "./debian.ts";
import { makeOnce } from "./make_once.ts";
import { toolsDirectory } from "./project.ts";
import { runCommandOrThrow } from "./run_command.ts";
import { findTool, type Tool } from "./tools.ts";

const h2specModule = "github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible";
const grpcurlModule = "github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.4";

/** The conformance tester of RFC 7540 and RFC 7541. */
export function h2specTool(): Promise<Tool> {
  return goTool("h2spec", h2specModule);
}

/** A strict gRPC client that learns a service by reflection or from a proto file. */
export function grpcurlTool(): Promise<Tool> {
  return goTool("grpcurl", grpcurlModule);
}

function goTool(name: string, module: string): Promise<Tool> {
  const howToGet = "install Go >= 1.24, and let it reach a module proxy";
  return findTool(howToGet, async () => {
    const bin = join(toolsDirectory, "bin");
    await makeOnce(join(bin, `.${name}-finished`), {
      fingerprint: module,
      make: async () => {
        const go = await findOnPath("go");
        if (go === null) throw new TypeError(`"go" is not on the PATH`);
        await runCommandOrThrow([go, "install", module], {
          cwd: "/",
          env: { GOBIN: bin },
          timeoutSeconds: 1200,
        });
      },
    });
    return join(bin, name);
  });
}
