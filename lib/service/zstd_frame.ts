/**
 * Finds the frames of Zstandard data without decompressing them (RFC 8878 §3.1). Deno's node:zlib
 * reads the first frame only, takes a cut one for an empty one, and does not tell what is left over.
 *
 *     frame     = 28 b5 2f fd, header, block*, checksum:u32?
 *     block     = last:1 type:2 size:21 little-endian, bytes[type RLE ? 1 : size]
 *     skippable = 5? 2a 4d 18 (little-endian 0x184d2a50 to 5f), size:u32, bytes[size]
 *
 * @module
 */

/** One frame with contents. */
export interface ZstdFrame {
  /** The whole frame, a view. */
  readonly bytes: Uint8Array;
  /** Bytes of its contents as its header says, null if it does not. Not to be trusted. */
  readonly contentBytes: number | null;
}

/** Frames that data may have: an empty one of 9 bytes costs as much as a real one. */
export const zstdFramesMax = 1024;

const frameMagic = 0xfd2f_b528;
const skippableMagic = 0x184d_2a50;
const contentFieldBytes = [0, 2, 4, 8] as const;
const dictionaryFieldBytes = [0, 1, 2, 4] as const;

/** Gives the frames, without skippable ones; null if the data are damaged, empty, or too many frames. */
export function splitZstdFrames(bytes: Uint8Array): ZstdFrame[] | null {
  const frames: ZstdFrame[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  let count = 0;
  while (offset < bytes.length) {
    if (bytes.length - offset < 8 || ++count > zstdFramesMax) return null;
    const magic = view.getUint32(offset, true);
    if ((magic & 0xffff_fff0) === skippableMagic) {
      offset += 8 + view.getUint32(offset + 4, true);
      if (offset > bytes.length) return null;
      continue;
    }
    if (magic !== frameMagic) return null;
    const frame = readFrame(view, offset);
    if (frame === null) return null;
    frames.push({ bytes: bytes.subarray(offset, frame.end), contentBytes: frame.contentBytes });
    offset = frame.end;
  }
  return frames.length === 0 ? null : frames;
}

function readFrame(
  view: DataView,
  start: number,
): { end: number; contentBytes: number | null } | null {
  const descriptor = view.getUint8(start + 4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >>> 6;
  const sizeBytes = sizeFlag === 0 && isSingleSegment ? 1 : contentFieldBytes[sizeFlag]!;
  const sizeOffset = start + 5 + (isSingleSegment ? 0 : 1) + dictionaryFieldBytes[descriptor & 3]!;
  let offset = sizeOffset + sizeBytes;
  if (offset > view.byteLength) return null;
  const contentBytes = readContentBytes(view, { offset: sizeOffset, sizeBytes });
  for (let isLast = false; !isLast;) {
    if (offset + 3 > view.byteLength) return null;
    const header = view.getUint16(offset, true) | view.getUint8(offset + 2) << 16;
    isLast = (header & 1) === 1;
    const isRunLength = (header >>> 1 & 3) === 1;
    offset += 3 + (isRunLength ? 1 : header >>> 3);
    if (offset > view.byteLength) return null;
  }
  if ((descriptor & 4) !== 0) offset += 4;
  return offset > view.byteLength ? null : { end: offset, contentBytes };
}

function readContentBytes(
  view: DataView,
  options: { offset: number; sizeBytes: number },
): number | null {
  const { offset, sizeBytes } = options;
  switch (sizeBytes) {
    case 1:
      return view.getUint8(offset);
    case 2:
      return view.getUint16(offset, true) + 256;
    case 4:
      return view.getUint32(offset, true);
    case 8:
      return Number(view.getBigUint64(offset, true));
    default:
      return null;
  }
}
