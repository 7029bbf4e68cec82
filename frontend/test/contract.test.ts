import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as contract from "../src/contract";

const python = (name: string): string => readFileSync(`../custom_components/voice_privacy/${name}.py`, "utf-8");
const english = JSON.parse(readFileSync("../custom_components/voice_privacy/translations/en.json", "utf-8"));
const panel: Record<string, Record<string, string>> = english.config_panel;
const sources = readdirSync("src", { recursive: true, encoding: "utf-8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => readFileSync(`src/${name}`, "utf-8"))
  .join("\n");

const everything = readdirSync("../custom_components/voice_privacy", { recursive: true, encoding: "utf-8" })
  .filter((name) => name.endsWith(".py"))
  .map((name) => python(name.slice(0, -3)))
  .join("\n");

function members(name: string): string[] {
  const body = everything.split(`class ${name}(StrEnum):`)[1]!.split("\nclass ")[0]!;
  return [...body.matchAll(/^ {4}[A-Z_]+ = "(\w+)"$/gm)].map((match) => match[1]!).sort();
}

function errorCodes(): Set<string> {
  return new Set([...everything.matchAll(/^ {4}code = "(\w+)"$/gm)].map((one) => one[1]!));
}

describe("Python and TypeScript agree on", () => {
  it("commands", () => {
    const commands = [...everything.matchAll(/^@_command\(\s*"([\w/]+)"/gm)].map((match) => match[1]);
    expect([...contract.COMMANDS].sort()).toEqual(commands.sort());
  });

  it.each([
    ["SatelliteState", contract.STATES],
    ["RecordingKind", contract.KINDS],
    ["DeletionScope", contract.SCOPES],
    ["Deed", contract.DEEDS],
    ["Label", contract.LABELS],
    ["NotReachable", contract.NOT_REACHABLE],
    ["FindingKind", contract.FINDINGS.filter((kind) => kind !== "unchecked")],
    ["RetentionSetting", contract.RETENTION_SETTINGS],
    ["KeepFor", [...new Set([...contract.KEEP_SATELLITE, ...contract.KEEP_FALSE_WAKES])]],
  ])("%s", (name, known) => {
    expect([...known].sort()).toEqual(members(name));
  });

  it("figures", () => {
    expect(python("websocket_api")).toContain(`PAGE: Final = ${contract.PAGE_SIZE}\n`);
    expect(python("waveform")).toContain(`PEAKS: Final = ${contract.PEAKS}\n`);
    expect(python("const")).toContain(`MIN_THRESHOLD: Final = ${contract.MIN_THRESHOLD}\n`);
    expect(python("const")).toContain(`MAX_THRESHOLD: Final = ${contract.MAX_THRESHOLD}\n`);
  });

  it("error codes", () => {
    const codes = errorCodes();
    const unknown = contract.ERRORS.filter((code) => code !== "not_loaded" && !codes.has(code));
    expect(unknown).toEqual([]);
    for (const code of contract.ERRORS) expect(Object.keys(panel.errors!)).toContain(code);
  });
});

describe("texts", () => {
  const keys = Object.entries(panel).flatMap(([group, texts]) => Object.keys(texts).map((key) => `${group}.${key}`));

  it("are there for every literal key", () => {
    const asked = [...sources.matchAll(/(?:this\.t|texts\.get|texts\?\.get)\(\s*"([\w.]+)"/g)].map((one) => one[1]!);
    expect(asked.length).toBeGreaterThan(80);
    expect(asked.filter((key) => !keys.includes(key))).toEqual([]);
  });

  it("are there for every state, kind, scope and deed", () => {
    const needed = [
      ...contract.STATES.map((one) => `state.${one}`),
      ...contract.ENGINE_FAULTS.map((one) => `state.${one}`),
      ...contract.KINDS.map((one) => `recordings.kind_${one}`),
      ...contract.SCOPES.map((one) => `scope.${one}`),
      ...contract.DEEDS.flatMap((one) => [`log.${one}`, `log.filter_${one}`]),
      ...members("HouseToggle").map((one) => `toggle.${one}`),
      ...members("SatelliteToggle").map((one) => `toggle.${one}`),
      ...members("KeepFor").map((one) => `retention.${one}`),
      ...members("RetentionSetting").map((one) => `toggle.${one}`),
      ...members("RequesterKind").map((one) => `who.${one}`),
      ...contract.LABELS.map((one) => `review.${one}`),
      ...contract.NOT_REACHABLE.map((one) => `not_reachable.${one}`),
      ...contract.FINDINGS.map((one) => `review.finding_${one}`),
    ];
    expect(needed.filter((key) => !keys.includes(key))).toEqual([]);
  });

  it("are all used", () => {
    const computed = /^review\.(finding_|cut_off|false_wake|meant_for_us|wrong_transcript)|^(plural|figure|scope|state|toggle|who|tabs|errors|retention)\.|^not_reachable\.|^receipt\.rows_|^delete\.(what|now|rows|no_undo)$|^log\.|^manage\.|^card\.option_|^consent\.|^recordings\.kind_/;
    const unused = keys.filter((key) => !computed.test(key) && !sources.includes(`"${key}"`));
    expect(unused).toEqual([]);
  });

  it("have every plural form of every language", () => {
    for (const form of ["zero", "one", "two", "few", "many", "other"]) {
      expect(keys).toContain(`plural.recordings_${form}`);
      for (const noun of ["recordings", "false_wakes"]) expect(keys).toContain(`figure.${noun}_${form}`);
    }
  });
});

describe("every language", () => {
  const folder = "../custom_components/voice_privacy/translations";
  it.each(readdirSync(folder))("%s has no noun in one number behind a count", (name) => {
    const whole = readFileSync(`${folder}/${name}`, "utf-8");
    const counted = [...whole.matchAll(/"(\w+)": "([^"]*\{(?:count|times|avoided|missed|unknown)\}[^"]*)"/g)];
    expect(counted.length).toBeGreaterThan(10);
    // Only at the end of a sentence, of what, or where there is a text for each number.
    const wrong = counted.filter(
      ([, key, text]) => !key!.startsWith("recordings_") && !/\{\w+\}([.;؛]|$| [;/]| .*\{all\})/u.test(text!),
    );
    expect(wrong.map(([, key]) => key)).toEqual([]);
  });
  it.each(readdirSync(folder))("%s has the word to type in capitals", (name) => {
    const word: string = JSON.parse(readFileSync(`${folder}/${name}`, "utf-8")).config_panel.delete.word;
    expect(word).toBe(word.toLocaleUpperCase(name.replace(".json", "")));
  });
});
