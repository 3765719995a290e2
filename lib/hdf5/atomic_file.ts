/**
 * Files that are there as a whole or not at all, whatever ends the process or the machine.
 *
 *     create .histserv-HEX.tmp beside it → write → fsync → rename over it → fsync the folder
 *
 * @module
 */

import { dirname, join } from "node:path";
import { uuid4Hex } from "../base/mod.ts";
import type { Hdf5Sink } from "./sink.ts";

/** Bytes that wait for the disk at most: else other files' fsync would wait for all of a large one. */
const unsyncedBytesMax = 2 ** 24;

/** A file on disk as a sink: writes at any position. */
export class FileSink implements Hdf5Sink {
  readonly #file: Deno.FsFile;
  /** Bytes written since they were given to the disk. */
  #unsyncedBytes = 0;
  /** Where the file's own position is, or -1 after a failure. */
  #position = 0;

  /** `file` is open for writing, at its beginning, and used by nobody else. */
  constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    if (position !== this.#position) {
      this.#position = -1;
      await this.#file.seek(position, Deno.SeekMode.Start);
    }
    this.#position = -1;
    for (let done = 0; done < bytes.length;) {
      done += await this.#file.write(bytes.subarray(done));
    }
    this.#position = position + bytes.length;
    this.#unsyncedBytes += bytes.length;
    if (this.#unsyncedBytes < unsyncedBytesMax) return;
    await this.#file.syncData();
    this.#unsyncedBytes = 0;
  }
}

/**
 * Replaces the file at `path`, or makes it: `write` fills a new file beside it, which takes its place once it is on
 * disk. When this returns, the file survives a power cut under its name.
 *
 * If anything fails, what was at `path` is untouched and the new file is removed. Only a process that ends in the
 * middle leaves one behind, named `.histserv-….tmp`. `confirm` is called when the new file is on disk, right before it
 * takes its place: the last moment to stop it.
 *
 * @returns what `write` returned.
 * @throws what `write` and `confirm` throw, and errors of the file system.
 */
export async function replaceFile<T>(
  path: string,
  write: (sink: Hdf5Sink) => Promise<T>,
  options: { confirm?: () => void } = {},
): Promise<T> {
  const directory = dirname(path);
  const temporary = join(directory, `.histserv-${uuid4Hex()}.tmp`);
  let value: T;
  try {
    {
      using file = await Deno.open(temporary, { write: true, createNew: true });
      value = await write(new FileSink(file));
      await file.sync();
    }
    options.confirm?.();
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
  await syncDirectory(directory);
  return value;
}

async function syncDirectory(path: string): Promise<void> {
  // Elsewhere folders cannot be opened, and need not be.
  if (Deno.build.os === "windows") return;
  using directory = await Deno.open(path, { read: true });
  await directory.sync();
}
