/**
 * Ledger: which unique ids are in, and which of some are missing, so that a run can be resumed.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import {
  type LedgerRequest,
  type LedgerResponse,
  LedgerResponseSchema,
} from "../../wire/gen_v1.ts";
import type { Caller } from "../caller.ts";
import type { ServiceContext } from "../context.ts";
import type { Finding } from "./call.ts";
import { lookAt } from "./look.ts";
import { pageSize, readPageToken } from "./manage.ts";

const PAGE_SIZE_DEFAULT = 1000;
const PAGE_SIZE_MAX = 10_000;

/** Answers with the missing candidates, or with a page of the ids. */
export function ledger(
  service: ServiceContext,
  caller: Caller,
  request: LedgerRequest,
): Finding<LedgerResponse> {
  const limit = pageSize(request.pageSize, { default: PAGE_SIZE_DEFAULT, max: PAGE_SIZE_MAX });
  const first = request.pageToken === "" ? 0 : readPageToken(request.pageToken);
  const { histId, candidates } = request;
  const { epoch, value } = lookAt(service, caller, {
    histId,
    read: (view) => {
      const totalCount = BigInt(view.uniqueIdCount);
      if (candidates.length > 0) {
        const missing = candidates.filter((candidate) => !view.hasUniqueId(candidate));
        return { missing, totalCount };
      }
      const uniqueIds = view.uniqueIds().slice(first, first + limit);
      const next = first + uniqueIds.length;
      const nextPageToken = next < view.uniqueIdCount ? String(next) : "";
      return { uniqueIds, totalCount, nextPageToken };
    },
  });
  return { epoch, value: create(LedgerResponseSchema, value) };
}
