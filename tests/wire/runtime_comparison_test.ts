import assert from "node:assert/strict";
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";

import { SeededPrng } from "../../lib/base/mod.ts";
import {
  type ChunkScalar,
  FillManyRequestSchema,
  FillRequestSchema,
  InitRequestSchema,
  SnapshotRequestSchema,
} from "../../lib/wire/gen.ts";
import {
  decodeFill,
  decodeFillMany,
  decodeInit,
  decodeSnapshotRequest,
  encodeChunkKey,
  WireError,
} from "../../lib/wire/mod.ts";

// The runtime is laxer than protobuf's own parsers: it reads a known field of another wire type, drops
// bits of lengths, and lets a nested message reach beyond its parent. So messages are only cut here,
// which it sees, too; messages_test.ts has the rest.

const messagesPerKind = 2000;
const texts = [
  "",
  "a",
  "zstd",
  "0123456789abcdef0123456789abcdef",
  "é€😀",
  "\ufeffx",
  "y".repeat(300),
];
const ints = [0n, 1n, -1n, 127n, 128n, 2n ** 28n, -(2n ** 31n), 2n ** 63n - 1n, -(2n ** 63n)];

/** Makes seeded values of the fields. */
class Source {
  readonly prng: SeededPrng;

  constructor(seed: number) {
    this.prng = new SeededPrng(seed);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.prng.int(0, items.length)]!;
  }

  list<T>(countMax: number, make: () => T): T[] {
    return Array.from({ length: this.prng.int(0, countMax + 1) }, make);
  }

  bytes(countMax: number): Uint8Array {
    return Uint8Array.from(this.list(countMax, () => this.prng.int(0, 256)));
  }

  scalar() {
    return this.prng.int(0, 2) === 0
      ? { value: { case: "stringValue" as const, value: this.pick(texts) } }
      : { value: { case: "intValue" as const, value: this.pick(ints) } };
  }

  chunk() {
    return { chunkKey: this.list(3, () => this.scalar()), denseView: this.bytes(300) };
  }

  /** An empty object, or one with the property. */
  maybe<K extends string, T>(key: K, make: () => T): { [P in K]?: T } {
    return (this.prng.int(0, 2) === 0 ? {} : { [key]: make() }) as { [P in K]?: T };
  }
}

const chunkRow = (chunk: { chunkKey: ChunkScalar[]; denseView: Uint8Array }) => ({
  chunkKey: keyOf(chunk.chunkKey),
  chunkKeyCount: chunk.chunkKey.length,
  denseView: chunk.denseView,
});

function keyOf(scalars: readonly ChunkScalar[]): Uint8Array {
  return new Uint8Array(
    scalars.flatMap(({ value }) =>
      value.case === undefined ? [0] : [...encodeChunkKey([value.value])]
    ),
  );
}

compare({
  name: "decodeFill",
  schema: FillRequestSchema,
  decode: decodeFill,
  make: (source) => ({
    histId: source.pick(texts),
    chunkKey: source.list(3, () => source.scalar()),
    denseView: source.bytes(300),
    ...source.maybe("uniqueId", () => source.bytes(40)),
    ...source.maybe("denseViewCodec", () => source.pick(texts)),
  }),
  view: (message) => ({
    histId: message.histId,
    uniqueId: message.uniqueId ?? null,
    ...chunkRow(message),
    codec: message.denseViewCodec ?? null,
  }),
});

compare({
  name: "decodeFillMany",
  schema: FillManyRequestSchema,
  decode: decodeFillMany,
  make: (source) => ({
    histId: source.pick(texts),
    chunks: source.list(4, () => source.chunk()),
    ...source.maybe("uniqueId", () => source.bytes(40)),
    ...source.maybe("denseViewCodec", () => source.pick(texts)),
  }),
  view: (message) => ({
    histId: message.histId,
    uniqueId: message.uniqueId ?? null,
    chunks: message.chunks.map(chunkRow),
    codec: message.denseViewCodec ?? null,
  }),
});

compare({
  name: "decodeInit",
  schema: InitRequestSchema,
  decode: decodeInit,
  make: (source) => ({
    ...source.maybe("payload", () => ({
      histJson: source.pick(texts),
      chunks: source.list(3, () => source.chunk()),
      ...source.maybe("denseViewCodec", () => source.pick(texts)),
    })),
  }),
  view: ({ payload }) => ({
    histJson: payload?.histJson ?? "",
    chunks: payload?.chunks.map(chunkRow) ?? [],
    codec: payload?.denseViewCodec ?? null,
  }),
});

compare({
  name: "decodeSnapshotRequest",
  schema: SnapshotRequestSchema,
  decode: decodeSnapshotRequest,
  make: (source) => ({
    histId: source.pick(texts),
    deleteFromServer: source.prng.int(0, 2) === 0,
    chunkSelectors: source.list(3, () => ({
      axis: source.pick(texts),
      values: source.list(3, () => source.scalar()),
    })),
    ...source.maybe("denseViewCodec", () => source.pick(texts)),
  }),
  view: (message) => ({
    histId: message.histId,
    deleteFromServer: message.deleteFromServer,
    selectors: message.chunkSelectors.map((selector) => ({
      axis: selector.axis,
      values: keyOf(selector.values),
      valueCount: selector.values.length,
    })),
    codec: message.denseViewCodec ?? null,
  }),
});

function compare<Desc extends DescMessage>(options: {
  name: string;
  schema: Desc;
  decode: (message: Uint8Array) => unknown;
  make: (source: Source) => MessageInitShape<Desc>;
  view: (message: MessageShape<Desc>) => unknown;
}): void {
  Deno.test(`${options.name}: agrees with the protobuf runtime, or both refuse`, () => {
    let refusals = 0;
    for (let seed = 1; seed <= messagesPerKind; seed++) {
      const source = new Source(seed);
      const bytes = messageBytes(options.schema, { source, make: options.make });
      const whole = options.view(fromBinary(options.schema, bytes));
      assert.deepEqual(options.decode(bytes), whole, `seed ${seed}`);
      const cut = bytes.subarray(0, source.prng.int(0, bytes.length + 1));
      if (!agree(options, cut)) refusals++;
    }
    assert.ok(refusals > messagesPerKind / 4, `${refusals}`);
  });
}

/** One to three messages, one after the other, are one message; with unknown fields between them. */
function messageBytes<Desc extends DescMessage>(
  schema: Desc,
  options: { source: Source; make: (source: Source) => MessageInitShape<Desc> },
): Uint8Array {
  const { source, make } = options;
  const parts: number[] = [];
  const unknown = [
    [],
    [],
    [0x78, 0x96, 0x01], // 15: varint
    [0x79, 1, 2, 3, 4, 5, 6, 7, 8], // 15: 64 bits
    [0x7a, 2, 9, 9], // 15: length-delimited
    [0x7b, 0x08, 0x01, 0x7c], // 15: group with a varint
    [0xfd, 0x7f, 1, 2, 3, 4], // 2047: 32 bits
  ];
  for (let count = source.pick([1, 1, 1, 2, 3]); count > 0; count--) {
    parts.push(...source.pick(unknown), ...toBinary(schema, create(schema, make(source))));
  }
  return Uint8Array.from(parts);
}

/** Checks that both decode to the same, or both refuse; tells whether they decode. */
function agree<Desc extends DescMessage>(
  options: {
    schema: Desc;
    decode: (message: Uint8Array) => unknown;
    view: (message: MessageShape<Desc>) => unknown;
  },
  bytes: Uint8Array,
): boolean {
  if (refuses(() => fromBinary(options.schema, bytes))) {
    assert.throws(() => options.decode(bytes), WireError, bytes.toHex());
    return false;
  }
  const expected = options.view(fromBinary(options.schema, bytes));
  assert.deepEqual(options.decode(bytes), expected, bytes.toHex());
  return true;
}

function refuses(decode: () => unknown): boolean {
  try {
    decode();
    return false;
  } catch {
    return true;
  }
}
