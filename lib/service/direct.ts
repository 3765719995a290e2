/**
 * The RPCs for a transport's hot path: gRPC messages as bytes, without protobuf reflection or promises.
 *
 * @module
 */

import { peekHistId } from "../wire/mod.ts";
import { type Caller, requireHistogram } from "./caller.ts";
import type { ServiceContext } from "./context.ts";
import { fillBytesMax, specOf } from "./payload.ts";
import {
  countRefused,
  type Reply,
  type Rpc,
  rpcs,
  serveCall,
  SMALL_MESSAGE_BYTES_MAX,
  toServiceError,
} from "./rpcs.ts";

/** What the transport knows of a call. */
export interface DirectCall {
  readonly token: string | null;
}

/** One RPC as a transport serves it; see `DirectMethod` of lib/transport, whose shape it has. */
export interface DirectRpc {
  readonly path: string;
  admit(
    head: Uint8Array,
    call: DirectCall,
  ): { readonly maxBytes: number } | { code: number; message: string };
  call(message: Uint8Array, call: DirectCall, reply: Reply): void;
}

/** All RPCs by path. */
export function directRpcs(service: ServiceContext): Map<string, DirectRpc> {
  return new Map(rpcs.map((rpc) => {
    const path = `/HistogrammerService/${rpc.name}`;
    return [path, {
      path,
      admit: (head, call) => admit(service, rpc, { head, call }),
      call: (message, call, reply) =>
        serveCall(service, rpc, { token: call.token, message, reply }),
    }];
  }));
}

/** How long the message may be; refuses before a byte is buffered what could never be accepted. */
function admit(
  service: ServiceContext,
  rpc: Rpc,
  request: { head: Uint8Array; call: DirectCall },
): { readonly maxBytes: number } | { code: number; message: string } {
  const { messageBytesMax } = service;
  let caller: Caller | null = null;
  try {
    caller = service.guard.admit(request.call.token);
    if (!rpc.isLarge) return { maxBytes: Math.min(SMALL_MESSAGE_BYTES_MAX, messageBytesMax) };
    if (rpc.name !== "Fill" && rpc.name !== "FillMany") return { maxBytes: messageBytesMax };
    const id = peekHistId(request.head);
    if (id === null) return { maxBytes: messageBytesMax };
    const handle = requireHistogram(service.registry, caller, id);
    if (rpc.name === "FillMany") return { maxBytes: messageBytesMax };
    return { maxBytes: Math.min(messageBytesMax, fillBytesMax(specOf(handle))) };
  } catch (error) {
    countRefused(service, rpc, caller);
    const { code, message } = toServiceError(service, error);
    return { code, message };
  }
}
