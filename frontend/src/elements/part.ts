// What every part of the page shares: the connection, the texts, and how errors are shown.
import { LitElement } from "lit";
import { property } from "lit/decorators.js";
import { type Connection, type ConnectionListener, failureOf } from "../connection";
import type { HouseState, Satellite } from "../contract";
import type { Texts } from "../texts";

export abstract class Part extends LitElement implements ConnectionListener {
  @property({ attribute: false }) connection!: Connection;
  @property({ attribute: false }) texts!: Texts;
  private unlisten?: () => void;

  connectedCallback(): void {
    super.connectedCallback();
    this.unlisten = this.connection.listen(this);
  }

  disconnectedCallback(): void {
    super.disconnectedCallback();
    this.unlisten?.();
  }

  stateChanged(): void {
    this.requestUpdate();
  }

  // The page draws its parts only once it has a state.
  protected get state(): HouseState {
    return this.connection.state!;
  }

  protected get house(): HouseState["house"] {
    return this.state.house;
  }

  protected get admin(): boolean {
    return this.state.permissions.admin;
  }

  protected t(key: string, values?: Record<string, string | number>): string {
    return this.texts.get(key, values);
  }

  protected emit(type: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  protected notify(text: string): void {
    this.emit("vp-notify", text);
  }

  // Say what was refused: in a sentence of its own, where the code alone would say too little.
  protected async attempt(work: () => Promise<unknown>, sentences: Record<string, string> = {}): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      const { code } = failureOf(error);
      this.notify(sentences[code] ?? this.texts.error(code));
      return false;
    }
  }

  // Only a pipeline through which something is heard can be chosen.
  protected choosePipeline({ id, name }: Satellite): Promise<boolean> {
    return this.attempt(() => this.connection.call("satellites/choose_pipeline", { satellite_id: id }), {
      invalid_request: this.t("rooms.added_deaf", { name }),
    });
  }

  // Do what a switch says. Drawing again would leave a switch that was refused as it is: for Lit nothing has changed.
  protected async turn(event: Event, work: (on: boolean) => Promise<unknown>): Promise<void> {
    const control = event.target as HTMLInputElement;
    const on = control.checked;
    if (!(await this.attempt(() => work(on)))) control.checked = !on;
  }
}

// Page and card may both be loaded, in any order.
export function define(name: string, element: CustomElementConstructor): void {
  if (!customElements.get(name)) customElements.define(name, element);
}
