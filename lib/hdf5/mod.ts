/**
 * UHI HDF5 files: written in a stream, whatever their size, and put in place all at once; read by the HDF5 library.
 *
 * @module
 */

export { FileSink, replaceFile } from "./atomic_file.ts";
export { blockBytesMax } from "./block_grid.ts";
export type { CellChunk } from "./cell_writer.ts";
export { DestinationError, type DestinationErrorReason, resolveInside } from "./destination.ts";
export { Hdf5Error, type Hdf5ErrorReason } from "./hdf5_error.ts";
export { readUhiHdf5 } from "./read_uhi_hdf5.ts";
export type { Hdf5Sink } from "./sink.ts";
export type { Categories } from "./uhi_axis.ts";
export { type UhiHdf5Histogram, uhiHdf5OfHist, writeUhiHdf5 } from "./uhi_hdf5.ts";
