// What every part of the page and the card shares: the house, the words, and how to be defined once.
import { LitElement } from "lit";
import type { House, HouseListener } from "../connection";
import type { Texts } from "../texts";

export abstract class Part extends LitElement implements HouseListener {
  static properties = { house: { attribute: false }, texts: { attribute: false } };
  declare house: House;
  declare texts: Texts;
  private unlisten?: () => void;

  connectedCallback(): void {
    super.connectedCallback();
    if (this.house) this.unlisten = this.house.listen(this);
  }

  disconnectedCallback(): void {
    super.disconnectedCallback();
    this.unlisten?.();
  }

  houseChanged(): void {
    this.requestUpdate();
  }

  protected t(key: string, values?: Record<string, string | number>): string {
    return this.texts.get(key, values);
  }

  protected notify(text: string): void {
    this.dispatchEvent(new CustomEvent("vp-notify", { detail: text, bubbles: true, composed: true }));
  }
}

// Page and card may both be loaded, in any order.
export function define(name: string, element: CustomElementConstructor): void {
  if (!customElements.get(name)) customElements.define(name, element);
}
