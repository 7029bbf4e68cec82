import { describe, expect, it } from "vitest";
import type { DeletionEvent, Receipt } from "../src/contract";
import { type Progress, proceed } from "../src/progress";

const receipt: Receipt = {
  asked: 200,
  deleted: 200,
  already_gone: 0,
  pending: 200,
  verified: true,
  not_reachable: [],
  size: 1,
  left: 0,
};

function after(...events: DeletionEvent[]): Progress {
  return events.reduce(proceed, {});
}

describe("a deletion", () => {
  it("tells how many keys are being destroyed", () => {
    expect(after({ type: "destroying", total: 200 })).toEqual({ total: 200 });
  });

  it("leaves all rows to be removed at the receipt", () => {
    expect(after({ type: "receipt", receipt }).left).toBe(200);
  });

  it("comes nearer to its end, whatever another one adds", () => {
    const events: DeletionEvent[] = [
      { type: "receipt", receipt },
      { type: "removing", left: 150 },
      { type: "removing", left: 900 },
    ];
    expect(after(...events).left).toBe(150);
  });

  it.each([0, 3, null])("ends with %s rows counted", (rows) => {
    expect(after({ type: "receipt", receipt }, { type: "counted", rows })).toEqual({ receipt, left: 0, rows });
  });

  it("keeps what it knows when it fails", () => {
    expect(after({ type: "destroying", total: 2 }, { type: "failed", code: "store_failed" })).toEqual({
      total: 2,
      failed: "store_failed",
    });
  });
});
