/**
 * Flush: writes the histogram to an HDF5 file and deletes it. Until lib/hdf5 is there, it refuses and keeps it.
 *
 * @module
 */

import { decodeFlush } from "../wire/mod.ts";
import { type Caller, requireHistogram } from "./caller.ts";
import type { Answer, ServiceContext } from "./context.ts";
import { Code, invalidArgument, ServiceError, shorten } from "./errors.ts";

/** Never answers yet. */
export function flush(service: ServiceContext, caller: Caller, message: Uint8Array): Answer {
  const { histId, destination } = decodeFlush(message);
  if (destination.includes("\0") || !/\.(h5|hdf5)$/.test(destination)) {
    throw invalidArgument(
      `invalid destination: "${shorten(destination)}" does not end in .h5 or .hdf5`,
    );
  }
  requireHistogram(service.registry, caller, histId);
  throw new ServiceError(
    Code.Unimplemented,
    "this server cannot write HDF5 yet; the histogram is kept: take a snapshot instead",
  );
}
