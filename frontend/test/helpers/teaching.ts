// A wake word that is taught on the page, step by step, with what the house tells.
import type { ClipVerdict, TaughtAnswer } from "../../src/contract.taught";
import { WakeWords } from "../../src/elements/wake-words";
import type { FakeConnection } from "./house";
import { mount, type Mounted } from "./mount";
import { wakeWords } from "./wake-words";

export const WORD = {
  id: "hey_house",
  name: "Hey House",
  created: "2026-11-23",
  clips: 8,
  anti_examples: 4,
  people: 2,
  satellites: [],
  pipeline: null,
  is_short: false,
  readable: true,
};

// The at.house, the page, and what the house lists, of the test that runs.
export const at = {} as { house: FakeConnection; page: Mounted<WakeWords>; taught: TaughtAnswer };

export const tell = async (event: object): Promise<void> => {
  at.house.followed.at(-1)!.tell(event as never);
  await at.page.settled();
};
export const said = (): string[] => at.page.text(".said").filter(Boolean);
export const disabled = (id: string): boolean => at.page.one<HTMLButtonElement>(`#${id}`).disabled;

export async function check(id: string, on = true): Promise<void> {
  const box = at.page.one<HTMLInputElement>(`#${id}`);
  box.checked = on;
  box.dispatchEvent(new Event("change", { bubbles: true }));
  await at.page.settled();
}

export async function open(): Promise<void> {
  at.page = await mount(new WakeWords(), at.house);
  await at.page.click("#teach");
}

// Up to the clips of the word.
export async function begin(): Promise<void> {
  await open();
  await at.page.enter("#word", "  Hey House ", "input");
  await check("agree");
  await at.page.click("#begin");
  await tell({ type: "session", session: "s1", id: "hey_house", name: "Hey House", wanted: 8, anti_wanted: 2 });
}

export async function clip(...verdicts: ClipVerdict[]): Promise<void> {
  await at.page.click("#record");
  const index = verdicts.length - 1;
  await tell({ type: "clip", index, verdict: verdicts.at(-1), is_short: false, seconds: 0.9, verdicts });
}

export const good = (count: number): ClipVerdict[] => Array.from({ length: count }, () => "good");

export async function clips(count: number): Promise<void> {
  for (let one = 1; one <= count; one += 1) await clip(...good(one));
}

// Up to the tests of a word that was made.
export async function made(similar: object[] = [], isShort = false): Promise<void> {
  at.house.answers["taught/make"] = () => ({ similar, is_short: isShort, suggestions: [] });
  await begin();
  await clips(3);
  await at.page.click("#next");
  await at.page.click("#next");
}

export function setUp(): void {
  at.house = wakeWords().house;
  at.taught = {
    words: [WORD],
    satellites: [
      { id: "bath", name: "Bath", obstacle: "wakes_itself" },
      { id: "kitchen", name: "Kitchen", obstacle: null },
    ],
    can_teach: true,
    reason: null,
    error: null,
  };
  at.house.answers["taught/list"] = () => structuredClone(at.taught);
  at.house.answers["taught/save"] = () => ({ id: "hey_house" });
  at.house.answers["taught/drop"] = () => ({ verdicts: [] });
}
