/**
 * Flush: writes the histogram to an HDF5 file and deletes it.
 *
 *     look → write a file beside the destination, chunk by chunk → fsync it → is all of it on disk, and nothing
 *     changed? → rename → fsync the folder → delete the histogram if nothing has changed, in one critical section
 *
 * No acknowledged fill is lost: the deletion removes exactly what was written, or nothing. Whoever fills meanwhile
 * makes the look void, and the file is written again; after a few tries it is given up, ABORTED, and the histogram
 * stays. No lock is held while anything is written, so nobody else waits for this disk.
 *
 * A crash leaves the histogram, maybe with a whole file of a moment of it, or the whole file alone. The same holds for
 * a fill between rename and deletion of the last try: the file is not removed then, since by its name it might be
 * another caller's by now.
 *
 * @module
 */

import { changesRefused } from "../accum/mod.ts";
import { replaceFile, resolveInside, writeUhiHdf5 } from "../hdf5/mod.ts";
import { decodeFlush } from "../wire/mod.ts";
import { type Caller, requireHistogram } from "./caller.ts";
import type { Answer, ServiceContext } from "./context.ts";
import { changesRefusedError, invalidArgument, shorten } from "./errors.ts";
import { toFileError } from "./file_errors.ts";
import type { StillView } from "./still_view.ts";
import { uhiHdf5Of } from "./uhi_hdf5_of.ts";
import { whileStill } from "./while_still.ts";

/** Answers with the empty message once the deletion is on disk. */
export async function flush(
  service: ServiceContext,
  caller: Caller,
  message: Uint8Array,
): Promise<Answer> {
  const { histId, destination } = decodeFlush(message);
  if (destination.includes("\0") || !/\.(h5|hdf5)$/.test(destination)) {
    throw invalidArgument(
      `invalid destination: "${shorten(destination)}" does not end in .h5 or .hdf5`,
    );
  }
  requireHistogram(service.registry, caller, histId);
  try {
    await Deno.mkdir(service.flushDir, { recursive: true, mode: 0o700 });
    const path = await resolveInside(service.flushDir, destination);
    return await whileStill(service, caller, {
      histId,
      action: "cannot flush",
      run: (view) => writeAndDelete(service, view, path),
    });
  } catch (error) {
    throw toFileError(error, "cannot flush");
  }
}

/** @throws {HistogramChangedError} and keeps the histogram, if it is another by now. */
async function writeAndDelete(
  service: ServiceContext,
  view: StillView,
  path: string,
): Promise<Answer> {
  await replaceFile(path, async (sink) => {
    await writeUhiHdf5(sink, [uhiHdf5Of(view)]);
    await service.gate.pass(view.epoch, changesRefusedError);
  }, { confirm: () => view.check() });
  if (changesRefused(service.registry.arena)) throw changesRefusedError();
  return { epoch: view.deleteIfSame().epoch, pieces: [] };
}
