import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { saveAs, saveRecording } from "../src/download";
import { FakeConnection, recording } from "./helpers/house";

describe("a file that is saved", () => {
  const click = vi.spyOn(HTMLAnchorElement.prototype, "click");
  const revoke = vi.spyOn(URL, "revokeObjectURL");
  const link = (): HTMLAnchorElement => click.mock.contexts[0] as HTMLAnchorElement;

  beforeEach(() => {
    vi.useFakeTimers();
    click.mockReset();
    revoke.mockReset();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it("is given to the browser, and forgotten once the browser has read it", () => {
    saveAs(new Blob(["x"]), "name.zip");
    expect([link().download, link().href.startsWith("blob:")]).toEqual(["name.zip", true]);
    expect(revoke).not.toHaveBeenCalled();
    vi.runAllTimers();
    expect(revoke).toHaveBeenCalledWith(link().href);
  });

  it("is named by when a recording began, in characters that every disk takes", async () => {
    const house = new FakeConnection();
    house.files["recordings/r1/audio?download"] = new Response("sound");
    await saveRecording(house.real, recording(1, { started_at: "2026-11-24T10:08:09.123456+00:00" }));
    expect(link().download).toBe("voice-privacy-2026-11-24T10-08-09.wav");
  });

  it("is none where it is refused", async () => {
    const house = new FakeConnection();
    house.refuse = "unauthorized";
    await expect(saveRecording(house.real, recording(1))).rejects.toMatchObject({ code: "unauthorized" });
    expect(click).not.toHaveBeenCalled();
  });
});
