// Put an element on a page, look into it as a reader does, and act on it.
import type { LitElement } from "lit";
import { afterEach } from "vitest";
import { textsIn } from "./english";
import { FakeConnection } from "./house";

interface Part extends LitElement {
  connection: unknown;
  texts: unknown;
}

afterEach(() => {
  document.body.replaceChildren();
});

export class Mounted<T extends LitElement> {
  // Events that the element sends to the page around it, by type.
  readonly sent: { type: string; detail: unknown }[] = [];

  constructor(
    readonly element: T,
    readonly house: FakeConnection,
  ) {
    for (const type of ["vp-notify", "vp-delete", "vp-closed", "vp-filter", "vp-search", "vp-selecting"]) {
      element.addEventListener(type, (event) => this.sent.push({ type, detail: (event as CustomEvent).detail }));
    }
  }

  // Until nothing is left to draw and nothing is on its way.
  async settled(): Promise<this> {
    for (let round = 0; round < 6; round += 1) {
      await Promise.resolve();
      await new Promise((done) => setImmediate(done));
      await this.element.updateComplete;
    }
    return this;
  }

  all<E extends HTMLElement = HTMLElement>(selector: string, root: ParentNode = this.element.renderRoot): E[] {
    const inner = [...root.querySelectorAll("*")].flatMap((element) =>
      element.shadowRoot ? this.all<E>(selector, element.shadowRoot) : [],
    );
    return [...root.querySelectorAll<E>(selector), ...inner];
  }

  one<E extends HTMLElement = HTMLElement>(selector: string): E {
    const found = this.all<E>(selector);
    if (found.length !== 1) throw new Error(`${found.length} elements match ${selector}`);
    return found[0]!;
  }

  text(selector: string): string[] {
    return this.all(selector).map((element) => read(element));
  }

  async click(selector: string, index = 0): Promise<void> {
    const element = this.all(selector)[index];
    if (!element) throw new Error(`nothing matches ${selector} at ${index}`);
    element.click();
    await this.settled();
  }

  // As somebody who types, or moves a slider; "change" is what a browser sends at the end.
  async enter(selector: string, value: string, ...types: ("input" | "change")[]): Promise<void> {
    const element = this.one<HTMLInputElement>(selector);
    element.value = value;
    for (const type of types) element.dispatchEvent(new Event(type, { bubbles: true, composed: true }));
    await this.settled();
  }

  details(type: string): unknown[] {
    return this.sent.filter((event) => event.type === type).map(({ detail }) => detail);
  }
}

export function read(element: Element): string {
  return element.textContent
    .replace(/[\u2068\u2069]/g, "")
    .replace(/\s+/g, " ")
    .trim();
}

export async function mount<T extends Part>(
  element: T,
  house = new FakeConnection(),
  properties: object = {},
): Promise<Mounted<T>> {
  Object.assign(element, { connection: house.real, texts: textsIn("en", "UTC") }, properties);
  const mounted = new Mounted(element, house);
  document.body.append(element);
  return await mounted.settled();
}
