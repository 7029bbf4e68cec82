import { render } from "lit";
import { describe, expect, it } from "vitest";
import type { HouseState } from "../src/contract";
import { quota, storage } from "../src/quota";
import { textsIn } from "./helpers/english";

const texts = textsIn("en");

function state(admin: boolean, size: number, storage_limit: number): HouseState {
  return { permissions: { admin }, house: { size, retention: { storage_limit } } } as unknown as HouseState;
}

function told(of: HouseState): string {
  const box = document.createElement("div");
  render(quota(texts, of), box);
  return box.textContent.trim();
}

describe("how much is kept", () => {
  it("is a share of the limit for whoever knows both", () => {
    expect(told(state(true, 250_000, 1))).toBe("25% of the storage limit of 1 MB");
    expect(told(state(true, 9_000_000, 1))).toBe("100% of the storage limit of 1 MB");
    expect(told(state(true, 250_000, 0))).toBe("");
  });

  it.each([0, 1, 2, 500])("is no share of %s MB for others, whose figures are rounded", (limit) => {
    expect(told(state(false, 1_000_000, limit))).toBe("");
  });

  it("is told as what it is at most where it is rounded up", () => {
    expect(storage(texts, state(true, 30_000, 1))).toBe("30 kB");
    expect(storage(texts, state(false, 1_000_000, 1))).toBe("≤ 1 MB");
    expect(storage(texts, state(false, 0, 1))).toBe("0 bytes");
  });
});
