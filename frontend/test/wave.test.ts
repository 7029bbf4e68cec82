import { describe, expect, it } from "vitest";
import { barsOf, decodePeaks, wavePath } from "../src/wave";

describe("waveform", () => {
  it("reads the bytes of the house", () => {
    expect(decodePeaks(btoa("\x00\xff"))).toEqual([0, 1]);
  });

  it("halves the bars and keeps the louder neighbour", () => {
    const bars = barsOf(Array.from({ length: 96 }, (_, index) => index / 96));
    expect(bars).toHaveLength(48);
    expect(bars[0]).toBeCloseTo(1 / 96);
  });

  it("draws silence as a thin line and full scale within the frame", () => {
    expect(wavePath([0])).toBe("M1.5 15.0V17.0");
    expect(wavePath([1])).toBe("M1.5 2.0V30.0");
  });
});
