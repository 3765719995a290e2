/**
 * A service without generated code: `test.Echo`, whose messages are google.protobuf.StringValue.
 *
 * @module
 */
import { create, createFileRegistry } from "@bufbuild/protobuf";
import type { GenService } from "@bufbuild/protobuf/codegenv2";
import {
  file_google_protobuf_wrappers,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  type StringValueSchema,
} from "@bufbuild/protobuf/wkt";
import { type ConnectRouterOptions, createConnectRouter } from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";

const inputType = ".google.protobuf.StringValue";
const outputType = inputType;

const file = create(FileDescriptorProtoSchema, {
  name: "test/echo.proto",
  package: "test",
  syntax: "proto3",
  dependency: ["google/protobuf/wrappers.proto"],
  service: [{
    name: "Echo",
    method: [
      { name: "Say", inputType, outputType },
      { name: "Repeat", inputType, outputType, serverStreaming: true },
      { name: "Join", inputType, outputType, clientStreaming: true },
    ],
  }],
});

interface StringMethod<Kind> {
  methodKind: Kind;
  input: typeof StringValueSchema;
  output: typeof StringValueSchema;
}

/** Say: the same back. Repeat: three times. Join: all in one. */
export const EchoService: GenService<{
  say: StringMethod<"unary">;
  repeat: StringMethod<"server_streaming">;
  join: StringMethod<"client_streaming">;
}> = createFileRegistry(
  create(FileDescriptorSetSchema, { file: [file_google_protobuf_wrappers.proto, file] }),
).getService("test.Echo") as typeof EchoService;

/** The handlers of connect-es for {@linkcode EchoService}. */
export function echoHandlers(options: ConnectRouterOptions = {}): readonly UniversalHandler[] {
  return createConnectRouter(options).service(EchoService, {
    say: (message) => message,
    async *repeat(message) {
      for (let i = 0; i < 3; i++) yield message;
    },
    async join(messages) {
      let value = "";
      for await (const message of messages) value += message.value;
      return { value };
    },
  }).handlers;
}
