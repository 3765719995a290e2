import assert from "node:assert/strict";
import {
  createFileRegistry,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { create } from "@bufbuild/protobuf";
import { Code, createClient, createRouterTransport } from "@connectrpc/connect";

import { HealthState, registerHealth, registerReflection } from "../../lib/service/mod.ts";
import {
  HistogrammerService,
  type ServerReflectionRequestSchema,
  type ServerReflectionResponseSchema,
  ServerReflectionV1,
  ServerReflectionV1Alpha,
} from "../../lib/wire/gen.ts";

type Request = MessageInitShape<typeof ServerReflectionRequestSchema>;
type Response = MessageShape<typeof ServerReflectionResponseSchema>;

const transport = createRouterTransport((router) => {
  registerReflection(router);
  router.service(HistogrammerService, {}); // after it: the list is made when it is asked for
  registerHealth(router, new HealthState());
});

/** The fields are the same in both versions: they are read as those of v1. */
const versions = [
  ["v1", createClient(ServerReflectionV1, transport)],
  ["v1alpha", createClient(ServerReflectionV1Alpha, transport)],
] as const;

for (const [version, client] of versions) {
  const ask = async (...requests: Request[]): Promise<Response["messageResponse"][]> => {
    async function* send() {
      for (const request of requests) yield await Promise.resolve(request as never);
    }
    const stream = client.serverReflectionInfo(send()) as AsyncIterable<unknown>;
    const responses = await Array.fromAsync(stream as AsyncIterable<Response>);
    responses.forEach((response, index) =>
      assert.equal(response.validHost, requests[index]!.host ?? "")
    );
    return responses.map((response) => response.messageResponse);
  };
  const askOne = async (messageRequest: NonNullable<Request["messageRequest"]>) =>
    (await ask({ host: "h", messageRequest }))[0]!;
  const filesOf = (answer: Response["messageResponse"]) => {
    assert.equal(answer.case, "fileDescriptorResponse", JSON.stringify(answer.value));
    const protos = (answer.value as { fileDescriptorProto: Uint8Array[] }).fileDescriptorProto;
    return protos.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
  };
  const errorOf = (answer: Response["messageResponse"]) => {
    assert.equal(answer.case, "errorResponse");
    return answer.value as { errorCode: number; errorMessage: string };
  };

  Deno.test(`reflection ${version}: lists every service of the router, sorted`, async () => {
    const answer = await askOne({ case: "listServices", value: "*" });
    assert.equal(answer.case, "listServicesResponse");
    assert.deepEqual(
      (answer.value as { service: { name: string }[] }).service.map(({ name }) => name),
      [
        "HistogrammerService",
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
      ],
    );
  });

  Deno.test(`reflection ${version}: gives a file with all that it imports`, async () => {
    const files = filesOf(await askOne({ case: "fileByFilename", value: "hist.proto" }));
    assert.deepEqual(files.map(({ name }) => name), [
      "hist.proto",
      "google/protobuf/timestamp.proto",
    ]);
    const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: files.reverse() }));
    assert.equal(registry.getService("HistogrammerService")?.methods.length, 11);
  });

  Deno.test(`reflection ${version}: finds the file of a service, method, message, field, oneof, enum, and value`, async () => {
    const symbols: [string, string][] = [
      ["HistogrammerService", "hist.proto"],
      ["HistogrammerService.FillMany", "hist.proto"],
      ["ChunkScalar", "hist.proto"],
      [".ChunkScalar", "hist.proto"],
      ["ChunkScalar.value", "hist.proto"],
      ["ChunkScalar.int_value", "hist.proto"],
      ["google.protobuf.Timestamp", "google/protobuf/timestamp.proto"],
      ["grpc.health.v1.HealthCheckResponse.ServingStatus", "grpc/health/v1/health.proto"],
      ["grpc.health.v1.HealthCheckResponse.SERVING", "grpc/health/v1/health.proto"],
      [`grpc.reflection.${version}.ErrorResponse`, `grpc/reflection/${version}/reflection.proto`],
    ];
    for (const [symbol, name] of symbols) {
      const files = filesOf(await askOne({ case: "fileContainingSymbol", value: symbol }));
      assert.equal(files[0]?.name, name, symbol);
    }
  });

  Deno.test(`reflection ${version}: what is not there is NOT_FOUND, and the stream goes on`, async () => {
    const answers = await ask(
      { messageRequest: { case: "fileByFilename", value: "no.proto" } },
      { messageRequest: { case: "fileContainingSymbol", value: "Nobody" } },
      {
        messageRequest: {
          case: "fileContainingExtension",
          value: { containingType: "ChunkScalar", extensionNumber: 100 },
        },
      },
      { messageRequest: { case: "allExtensionNumbersOfType", value: "ChunkScalar" } },
      { messageRequest: { case: "listServices", value: "" } },
    );
    assert.deepEqual(answers.slice(0, 4).map(errorOf).map(({ errorCode }) => errorCode), [
      Code.NotFound,
      Code.NotFound,
      Code.NotFound,
      Code.NotFound,
    ]);
    assert.equal(errorOf(answers[0]!).errorMessage, "not found: file no.proto");
    assert.equal(answers[4]!.case, "listServicesResponse");
  });

  Deno.test(`reflection ${version}: a request without a question is INVALID_ARGUMENT`, async () => {
    assert.equal(errorOf((await ask({}))[0]!).errorCode, Code.InvalidArgument);
  });
}
