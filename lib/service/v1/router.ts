/**
 * Registers histserv.v1.HistogramService for Connect, gRPC-Web and gRPC.
 *
 * @module
 */

import type { ConnectRouter } from "@connectrpc/connect";
import { HistogramService } from "../../wire/gen_v1.ts";
import type { ServiceContext } from "../context.ts";
import type { HealthState } from "../health.ts";
import { SMALL_MESSAGE_BYTES_MAX } from "../rpcs.ts";
import { answerCall, type CallAction } from "./call.ts";
import { ExportRoom } from "./export.ts";
import { fillCells } from "./fill.ts";
import { fillSamples } from "./fill_samples.ts";
import { ImportRoom } from "./import.ts";
import { ledger } from "./ledger.ts";
import { createHistogram, getHistogram, list, remove, reset } from "./manage.ts";
import { Querier } from "./query.ts";
import { WatchRoom } from "./watch.ts";

/** Registers the service. Its watches end when `health` says that the server drains. */
export function registerHistogramService(
  router: ConnectRouter,
  service: ServiceContext,
  options: { readonly health: HealthState },
): void {
  const querier = new Querier(service);
  const watches = new WatchRoom(service, { health: options.health, querier });
  const exports = new ExportRoom(service);
  const imports = new ImportRoom(service);
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
    method.query,
    (request, context) =>
      answerCall(service, context, read((caller) => querier.query(caller, request))),
    small,
  );
  router.rpc(method.watch, (request, context) => watches.watch(request, context), small);
  router.rpc(method.export, (request, context) => exports.export(request, context), small);
  router.rpc(method.import, (requests, context) => imports.import(requests, context), large);
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
