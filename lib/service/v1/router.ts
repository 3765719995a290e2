/**
 * Registers histserv.v1.HistogramService for Connect, gRPC-Web and gRPC.
 *
 * @module
 */

import type { ConnectRouter } from "@connectrpc/connect";
import { HistogramService } from "../../wire/gen_v1.ts";
import type { ServiceContext } from "../context.ts";
import { SMALL_MESSAGE_BYTES_MAX } from "../rpcs.ts";
import { answerCall, type CallAction } from "./call.ts";
import { fillCells } from "./fill.ts";
import { fillSamples } from "./fill_samples.ts";
import { ledger } from "./ledger.ts";
import { createHistogram, getHistogram, list, remove, reset } from "./manage.ts";

/** Registers the service. */
export function registerHistogramService(router: ConnectRouter, service: ServiceContext): void {
  const read = <T>(run: CallAction<T>["run"]): CallAction<T> => ({ isChange: false, run });
  const change = <T>(run: CallAction<T>["run"]): CallAction<T> => ({ isChange: true, run });
  const { method } = HistogramService;
  const small = { readMaxBytes: SMALL_MESSAGE_BYTES_MAX };
  const large = { readMaxBytes: service.messageBytesMax };
  router.rpc(
    method.create,
    (request, context) =>
      answerCall(service, context, change((caller) => createHistogram(service, caller, request))),
    large,
  );
  router.rpc(
    method.get,
    (request, context) =>
      answerCall(service, context, read((caller) => getHistogram(service, caller, request))),
    small,
  );
  router.rpc(
    method.list,
    (request, context) =>
      answerCall(service, context, read((caller) => list(service, caller, request))),
    small,
  );
  router.rpc(
    method.fill,
    (request, context) =>
      answerCall(service, context, change((caller) => fillCells(service, caller, request))),
    large,
  );
  router.rpc(
    method.fillSamples,
    (request, context) =>
      answerCall(service, context, change((caller) => fillSamples(service, caller, request))),
    large,
  );
  router.rpc(
    method.ledger,
    (request, context) =>
      answerCall(service, context, read((caller) => ledger(service, caller, request))),
    large,
  );
  router.rpc(
    method.reset,
    (request, context) =>
      answerCall(service, context, change((caller) => reset(service, caller, request))),
    small,
  );
  router.rpc(
    method.delete,
    (request, context) =>
      answerCall(service, context, change((caller) => remove(service, caller, request))),
    small,
  );
}
