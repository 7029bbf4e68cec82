import { beforeEach, describe, expect, it } from "vitest";
import { Selection } from "../../src/controllers/selection";
import { Host } from "../helpers/host";

describe("selection", () => {
  let host: Host;
  let selection: Selection;

  beforeEach(() => {
    host = new Host();
    selection = new Selection(host);
  });

  it("takes and gives back, and has its element drawn each time", () => {
    selection.set(["a", "b"], true);
    selection.set(["a"], false);
    expect([...selection.ids]).toEqual(["b"]);
    expect([selection.has("a"), selection.has("b"), selection.size]).toEqual([false, true, 1]);
    expect(host.updates).toBe(2);
  });

  it("knows whether a whole day is selected", () => {
    selection.set(["a", "b"], true);
    expect(selection.hasAll(["a", "b"])).toBe(true);
    expect(selection.hasAll(["a", "c"])).toBe(false);
  });

  it("shows boxes while they are asked for, or something is selected", () => {
    expect(selection.shown).toBe(false);
    selection.toggleOffered();
    expect(selection.shown).toBe(true);
    selection.toggleOffered();
    expect(selection.shown).toBe(false);
    selection.set(["a"], true);
    expect(selection.shown).toBe(true);
  });

  it("keeps nothing selected when the boxes are taken away", () => {
    selection.toggleOffered();
    selection.set(["a"], true);
    selection.toggleOffered();
    expect(selection.size).toBe(0);
  });

  it("is empty after its element was taken away", () => {
    selection.set(["a"], true);
    host.disconnect();
    expect(selection.size).toBe(0);
  });
});
