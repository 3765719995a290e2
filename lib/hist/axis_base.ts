/**
 * What all axes share: flow bins, extents and metadata.
 *
 * @module
 */

import type { JsonValue } from "./json_value.ts";

/** What every axis may be given besides its bins. */
export interface AxisLabels {
  /** Identifies the axis within its histogram. */
  readonly name?: string;
  /** For people: what a plot writes along the axis. */
  readonly label?: string;
  /** Anything else that shall travel with the axis, after name and label. */
  readonly metadata?: ReadonlyMap<string, JsonValue>;
}

/** Which bins there are besides the axis' own. */
export interface AxisFlow {
  /** Whether there is a bin for what lies below. */
  readonly underflow: boolean;
  /** Whether there is a bin for what lies above, is not a number, or is in no category. */
  readonly overflow: boolean;
  /** Whether the axis repeats itself. */
  readonly circular: boolean;
  /** Whether a fill adds the bins that it lacks. */
  readonly growth: boolean;
}

/** The common part of all axes. Its subclasses are the members of `Axis`. */
export abstract class AxisBase {
  /** The axis' kind. */
  abstract readonly type: string;
  /** Whether there is a bin for what lies below. */
  readonly underflow: boolean;
  /** Whether there is a bin for what lies above, is not a number, or is in no category. */
  readonly overflow: boolean;
  /** Whether the axis repeats itself. */
  readonly circular: boolean;
  /** Whether a fill adds the bins that it lacks. */
  readonly growth: boolean;
  /** What travels with the axis, in order; `name` and `label`, if present, are strings. */
  readonly metadata: ReadonlyMap<string, JsonValue>;

  /** An axis with these flow bins and labels. */
  constructor(flow: AxisFlow, labels: AxisLabels) {
    this.underflow = flow.underflow;
    this.overflow = flow.overflow;
    this.circular = flow.circular;
    this.growth = flow.growth;
    this.metadata = collectMetadata(labels);
  }

  /** Number of bins, without flow bins. */
  abstract get size(): number;

  /** Number of bins, flow bins included. */
  get extent(): number {
    return this.size + (this.underflow ? 1 : 0) + (this.overflow ? 1 : 0);
  }

  /** Identifies the axis within its histogram; may be empty. */
  get name(): string {
    return textOf(this.metadata, "name");
  }

  /** For people: what a plot writes along the axis; may be empty. */
  get label(): string {
    return textOf(this.metadata, "label");
  }
}

/** No flow bins, neither circular nor growing. */
export const noFlow: AxisFlow = {
  underflow: false,
  overflow: false,
  circular: false,
  growth: false,
};

/** The string that `metadata` holds under `key`, or an empty one. */
export function textOf(metadata: ReadonlyMap<string, JsonValue>, key: string): string {
  const text = metadata.get(key);
  return typeof text === "string" ? text : "";
}

function collectMetadata(labels: AxisLabels): ReadonlyMap<string, JsonValue> {
  const metadata = new Map<string, JsonValue>();
  if (labels.name !== undefined) metadata.set("name", labels.name);
  if (labels.label !== undefined) metadata.set("label", labels.label);
  for (const [key, value] of labels.metadata ?? []) metadata.set(key, value);
  return metadata;
}
