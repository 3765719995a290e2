/**
 * The same RPCs for connect-es: Connect, gRPC-Web and gRPC with JSON, by way of the binary messages.
 *
 * @module
 */

import { type DescMethodUnary, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { ConnectRouter } from "@connectrpc/connect";
import { HistogrammerService } from "../wire/gen.ts";
import type { ServiceContext } from "./context.ts";
import { ServiceError, toConnectError } from "./errors.ts";
import { type Rpc, rpcs, serveCall, SMALL_MESSAGE_BYTES_MAX } from "./rpcs.ts";

const methods = HistogrammerService.methods as readonly DescMethodUnary[];

/** Registers HistogrammerService. */
export function registerHistogrammer(router: ConnectRouter, service: ServiceContext): void {
  for (const rpc of rpcs) {
    const method = methods.find((candidate) => candidate.name === rpc.name)!;
    const readMaxBytes = rpc.isLarge ? service.messageBytesMax : SMALL_MESSAGE_BYTES_MAX;
    router.rpc(method, async (request, context) => {
      const message = toBinary(method.input, request);
      const token = context.requestHeader.get("x-histserv-token");
      return fromBinary(method.output, await call(service, rpc, { token, message }));
    }, { readMaxBytes });
  }
}

function call(
  service: ServiceContext,
  rpc: Rpc,
  request: { token: string | null; message: Uint8Array },
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    serveCall(service, rpc, {
      ...request,
      reply: {
        ok: (pieces) => resolve(join(pieces)),
        fail: (code, message) => reject(toConnectError(new ServiceError(code, message))),
      },
    });
  });
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const joined = new Uint8Array(pieces.reduce((bytes, piece) => bytes + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
