import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as contract from "../src/contract";
import { LABEL_BUTTONS } from "../src/elements/review";

const english = JSON.parse(readFileSync("../custom_components/voice_privacy/translations/en.json", "utf-8"));
const panel: Record<string, Record<string, string>> = english.config_panel;
const sources = readdirSync("src", { recursive: true, encoding: "utf-8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => readFileSync(`src/${name}`, "utf-8"))
  .join("\n");

// What the commands of the page are refused with; whatever else happens to somebody is "failed".
const REFUSALS = [
  "busy",
  "cannot_listen",
  "encryption_unavailable",
  "invalid_request",
  "key_file_lost",
  "not_in_pool",
  "not_listened",
  "not_loaded",
  "not_saved",
  "recording_not_found",
  "recording_unreadable",
  "replaced",
  "store_failed",
  "store_full",
  "store_in_use",
  "store_no_locks",
  "store_not_permitted",
  "store_not_ready",
  "store_read_only",
  "unauthorized",
];

// What Home Assistant answers by itself, what the player says, and what stands for everything else.
const OTHER_CODES = ["failed", "not_loaded", "playback_refused"];

describe("Python and TypeScript agree on", () => {
  // The lists themselves are generated; tests/test_contract.py fails where they are out of date.
  it("error codes", () => {
    const codes = new Set<string>([...contract.ERROR_CODES, ...OTHER_CODES]);
    expect(REFUSALS.filter((code) => !codes.has(code))).toEqual([]);
    expect(Object.keys(panel.errors!).filter((code) => !codes.has(code))).toEqual([]);
    for (const code of REFUSALS) expect(Object.keys(panel.errors!)).toContain(code);
  });

  it("labels, each of which has a button", () => {
    expect([...LABEL_BUTTONS].sort()).toEqual([...contract.LABELS]);
  });

  it("choices, all of which are periods", () => {
    const chosen = [...contract.KEEP_SATELLITE, ...contract.KEEP_FALSE_WAKES, ...contract.KEEP_TRANSCRIPTS];
    expect([...new Set<string>(chosen)].sort()).toEqual([...contract.KEEP_FOR].sort());
  });
});

describe("texts", () => {
  const keys = Object.entries(panel).flatMap(([group, texts]) => Object.keys(texts).map((key) => `${group}.${key}`));

  it("are there for every literal key", () => {
    const asked = [...sources.matchAll(/(?:this\.t|texts\.get|texts\?\.get)\(\s*"([\w.]+)"/g)].map(
      (match) => match[1]!,
    );
    expect(asked.length).toBeGreaterThan(80);
    expect(asked.filter((key) => !keys.includes(key))).toEqual([]);
  });

  it("are there for every state, kind, scope and deed", () => {
    const needed = [
      ...contract.SATELLITE_STATES.map((state) => `state.${state}`),
      ...contract.ENGINE_FAULTS.map((fault) => `state.${fault}`),
      ...contract.RECORDING_KINDS.map((kind) => `recordings.kind_${kind}`),
      ...contract.DELETION_SCOPES.map((scope) => `scope.${scope}`),
      ...contract.AUDIT_ACTIONS.flatMap((action) => [`log.${action}`, `log.filter_${action}`]),
      ...contract.HOUSE_TOGGLES.map((toggle) => `toggle.${toggle}`),
      ...contract.SATELLITE_TOGGLES.map((toggle) => `toggle.${toggle}`),
      ...contract.KEEP_FOR.map((period) => `retention.${period}`),
      ...contract.RETENTION_SETTINGS.map((setting) => `toggle.${setting}`),
      ...contract.REQUESTER_KINDS.map((kind) => `who.${kind}`),
      ...contract.LABELS.map((label) => `review.${label}`),
      ...contract.CLIP_VERDICTS.map((verdict) => `teach.${verdict}`),
      ...contract.NOT_REACHABLE.map((copy) => `not_reachable.${copy}`),
      ...[...contract.FINDING_KINDS, contract.UNCHECKED].map((finding) => `review.finding_${finding}`),
    ];
    expect(needed.filter((key) => !keys.includes(key))).toEqual([]);
  });

  it("are all used", () => {
    const computed =
      /^review\.(finding_|cut_off|false_wake|meant_for_us|wrong_transcript)|^(plural|figure|scope|state|toggle|who|tabs|errors|retention)\.|^not_reachable\.|^receipt\.rows_|^delete\.(what|now|rows|no_undo)$|^log\.|^manage\.|^card\.option_|^consent\.|^recordings\.kind_|^proof\.|^teach\.(fact_|kept_|calls|talk)/;
    const verdicts = contract.CLIP_VERDICTS.map((verdict) => `teach.${verdict}`);
    const unused = keys.filter(
      (key) => !computed.test(key) && !verdicts.includes(key) && !sources.includes(`"${key}"`),
    );
    expect(unused).toEqual([]);
  });

  it("have every plural form of every language", () => {
    for (const form of ["zero", "one", "two", "few", "many", "other"]) {
      expect(keys).toContain(`plural.recordings_${form}`);
      expect(keys).toContain(`plural.listening_${form}`);
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
