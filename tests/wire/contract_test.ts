import assert from "node:assert/strict";
import type { DescMessage } from "@bufbuild/protobuf";
import { fromJson } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  type ServiceDescriptorProto,
} from "@bufbuild/protobuf/wkt";

import { ChunkScalarSchema, file_hist, FillRequestSchema } from "../../lib/wire/gen.ts";
import golden from "../data/wire/histserv-0.2.1.descriptor.json" with { type: "json" };

const reference = fromJson(FileDescriptorProtoSchema, golden as never);
const ours = file_hist.proto;

Deno.test("hist.proto: has no package, proto3 syntax, and one import (histserv 0.2.1)", () => {
  assert.equal(ours.name, reference.name);
  assert.equal(ours.package, "");
  assert.equal(reference.package, "");
  assert.equal(ours.syntax, reference.syntax);
  assert.deepEqual(ours.dependency, reference.dependency);
});

Deno.test("hist.proto: has the same messages and fields, number by number (histserv 0.2.1)", () => {
  assert.ok(reference.messageType.length >= 26);
  assert.deepEqual(describeMessages(ours), describeMessages(reference));
});

Deno.test("hist.proto: has the same methods, all of them unary (histserv 0.2.1)", () => {
  assert.deepEqual(ours.service.map(describeService), reference.service.map(describeService));
});

Deno.test("hist.proto: tells an absent unique_id and codec from an empty one", () => {
  const withPresence = (message: DescMessage) =>
    message.fields.filter((field) => field.proto.proto3Optional).map((field) => field.name);
  assert.deepEqual(withPresence(FillRequestSchema), ["unique_id", "dense_view_codec"]);
  assert.deepEqual(ChunkScalarSchema.oneofs.map((oneof) => oneof.name), ["value"]);
});

/** One line a field, sorted: what decides about bytes and about the names in generated clients. */
function describeMessages(file: FileDescriptorProto): string[] {
  return file.messageType.flatMap((message) => describeMessage(message, "")).sort();
}

function describeMessage(message: DescriptorProto, scope: string): string[] {
  const name = `${scope}.${message.name}`;
  const fields = message.field.map((field) => {
    const oneof = field.oneofIndex === undefined || field.proto3Optional
      ? ""
      : message.oneofDecl[field.oneofIndex]?.name;
    return [
      `${name}.${field.name} = ${field.number}`,
      `type ${field.type} ${field.typeName}`,
      `label ${field.label}`,
      `oneof ${oneof}`,
      `optional ${field.proto3Optional ?? false}`,
    ].join("; ");
  });
  const map = message.options?.mapEntry === true ? " (map entry)" : "";
  return [
    `${name}${map}`,
    ...fields,
    ...message.nestedType.flatMap((nested) => describeMessage(nested, name)),
  ];
}

function describeService(service: ServiceDescriptorProto): unknown {
  const methods = service.method.map((method) =>
    [
      `${method.name}(${method.inputType}) returns (${method.outputType})`,
      `streams ${method.clientStreaming}, ${method.serverStreaming}`,
    ].join("; ")
  );
  return { name: service.name, methods: methods.sort() };
}
