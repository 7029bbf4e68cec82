import { describe, expect, it } from "vitest";
import { DEFAULTS } from "../src/card-config";
import { VoicePrivacyCard } from "../src/elements/card";

interface Field {
  name: keyof typeof DEFAULTS | "title";
  default?: unknown;
  required?: boolean;
  selector: Record<string, { mode?: string }>;
}

const fields = VoicePrivacyCard.getConfigForm().schema as Field[];

// As Home Assistant's form shows a field: what is configured, or else its default.
function shown(config: Record<string, unknown>, { name, required, ...field }: Field): unknown {
  return config[name] ?? (required ? undefined : field.default);
}

function effective(config: Record<string, unknown>): Record<string, unknown> {
  const card = new VoicePrivacyCard();
  card.setConfig({ type: "custom:voice-privacy-card", ...config });
  return card.config as unknown as Record<string, unknown>;
}

describe("the card's editor", () => {
  it("has a field for every option", () => {
    expect(fields.map((field) => field.name).sort()).toEqual(["title", ...Object.keys(DEFAULTS)].sort());
  });

  it.each([
    {},
    { rows: 0, show_play: false, show_transcripts: true },
    { rows: 10, show_play: true, show_transcripts: false },
    { rows: null, show_play: null, show_transcripts: undefined },
  ])("shows what holds: %o", (config) => {
    for (const field of fields.filter(({ name }) => name !== "title" && name !== "satellites")) {
      expect([field.name, shown(config, field)]).toEqual([field.name, effective(config)[field.name]]);
    }
  });

  it("has no slider, which would stand at its least where nothing is configured", () => {
    for (const { selector } of fields) if (selector.number) expect(selector.number.mode).toBe("box");
  });

  it("puts what holds into a new card", () => {
    expect(effective({ ...VoicePrivacyCard.getStubConfig() })).toEqual({ ...effective({}), satellites: [] });
  });
});

describe("a configuration", () => {
  it.each([-1, 11, 2.5, "many", NaN])("with %s rows is refused", (rows) => {
    expect(() => effective({ rows })).toThrow("rows");
  });

  it("that lists no satellites means all", () => {
    expect(effective({ satellites: null }).satellites).toEqual([]);
    expect(effective({ satellites: ["a"] }).satellites).toEqual(["a"]);
  });
});
