/**
 * grpc.reflection.v1 and v1alpha, for tools as grpcurl: descriptors of what the router serves.
 *
 * @module
 */

import type { DescFile, DescService } from "@bufbuild/protobuf";
import { toBinary } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import type { ConnectRouter } from "@connectrpc/connect";
import { ServerReflectionV1, ServerReflectionV1Alpha } from "../wire/gen.ts";
import { Code, shorten } from "./errors.ts";

/** A request names one file or symbol. */
const REQUEST_BYTES_MAX = 4096;

/** Both versions have the same fields; only the package differs. */
type Question =
  | { case: "fileByFilename" | "fileContainingSymbol"; value: string }
  | { case: "allExtensionNumbersOfType" | "listServices"; value: string }
  | {
    case: "fileContainingExtension";
    value: { containingType: string; extensionNumber: number };
  }
  | { case: undefined; value?: undefined };

type Answer =
  | { case: "listServicesResponse"; value: { service: { name: string }[] } }
  | { case: "fileDescriptorResponse"; value: { fileDescriptorProto: Uint8Array[] } }
  | { case: "errorResponse"; value: { errorCode: number; errorMessage: string } };

/** Registers both versions. What `router` serves is looked at when the first question comes. */
export function registerReflection(router: ConnectRouter): void {
  let index: DescriptorIndex | null = null;
  const answer = (question: Question): Answer => {
    index ??= new DescriptorIndex(router.handlers.map((handler) => handler.service));
    return answerQuestion(index, question);
  };
  const options = { readMaxBytes: REQUEST_BYTES_MAX };
  router.service(ServerReflectionV1, {
    async *serverReflectionInfo(requests) {
      for await (const request of requests) {
        const messageResponse = answer(request.messageRequest);
        yield { validHost: request.host, originalRequest: request, messageResponse };
      }
    },
  }, options);
  router.service(ServerReflectionV1Alpha, {
    async *serverReflectionInfo(requests) {
      for await (const request of requests) {
        const messageResponse = answer(request.messageRequest);
        yield { validHost: request.host, originalRequest: request, messageResponse };
      }
    },
  }, options);
}

function answerQuestion(index: DescriptorIndex, question: Question): Answer {
  switch (question.case) {
    case "listServices": {
      const service = index.serviceNames.map((name) => ({ name }));
      return { case: "listServicesResponse", value: { service } };
    }
    case "fileByFilename":
      return answerFile(index.fileByName.get(question.value), `file ${shorten(question.value)}`);
    case "fileContainingSymbol": {
      const symbol = question.value.replace(/^\./, "");
      return answerFile(index.fileBySymbol.get(symbol), `symbol ${shorten(symbol)}`);
    }
    case "fileContainingExtension": {
      const { containingType, extensionNumber } = question.value;
      return notFound(`extension ${extensionNumber} of ${shorten(containingType)}`);
    }
    case "allExtensionNumbersOfType":
      return notFound(`extensions of ${shorten(question.value)}`);
    default:
      return failure(Code.InvalidArgument, "request asks for nothing");
  }
}

function answerFile(file: DescFile | undefined, what: string): Answer {
  if (file === undefined) return notFound(what);
  const fileDescriptorProto = withImports(file).map(({ proto }) =>
    toBinary(FileDescriptorProtoSchema, proto)
  );
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto } };
}

function notFound(what: string): Answer {
  return failure(Code.NotFound, `not found: ${what}`);
}

function failure(errorCode: Code, errorMessage: string): Answer {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}

/** Finds files by their name and by all that they declare. */
class DescriptorIndex {
  readonly serviceNames: readonly string[];
  readonly fileByName = new Map<string, DescFile>();
  readonly fileBySymbol = new Map<string, DescFile>();

  constructor(services: readonly DescService[]) {
    this.serviceNames = [...new Set(services.map((service) => service.typeName))].sort();
    for (const file of services.flatMap((service) => withImports(service.file))) {
      if (this.fileByName.has(file.proto.name)) continue;
      this.fileByName.set(file.proto.name, file);
      for (const symbol of symbolsOf(file)) this.fileBySymbol.set(symbol, file);
    }
  }
}

/** The file first, then all that it imports, each once. */
function withImports(file: DescFile): DescFile[] {
  const files = new Set([file]);
  for (const seen of files) for (const dependency of seen.dependencies) files.add(dependency);
  return [...files];
}

/** Full names as protobuf scopes them: values of an enum stand beside it. */
function* symbolsOf(file: DescFile): Generator<string> {
  for (const type of nestedTypes(file)) {
    yield type.typeName;
    switch (type.kind) {
      case "message":
        for (const field of type.fields) yield `${type.typeName}.${field.name}`;
        for (const oneof of type.oneofs) yield `${type.typeName}.${oneof.name}`;
        break;
      case "enum": {
        const scope = type.typeName.slice(0, -type.name.length);
        for (const value of type.values) yield `${scope}${value.name}`;
        break;
      }
      case "service":
        for (const method of type.methods) yield `${type.typeName}.${method.name}`;
        break;
    }
  }
}
