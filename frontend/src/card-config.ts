// The card's options: their defaults, the form in which they are edited, and which values are refused.
import { DOMAIN } from "./contract";
import type { Texts } from "./texts";

export interface Config {
  type: string;
  title?: string;
  satellites?: string[];
  rows?: number;
  show_transcripts?: boolean;
  show_play?: boolean;
  wall_tablet?: boolean;
}

// What holds where a configuration says nothing; the editor shows the same. Words and sound are for those whom the
// owner lets have them: everybody may pass a screen.
export const DEFAULTS = {
  satellites: [] as string[],
  rows: 3,
  show_transcripts: false,
  show_play: false,
  wall_tablet: false,
};
export type Effective = Config & typeof DEFAULTS;

export function stub(): Partial<Config> {
  const { rows, show_transcripts, show_play, wall_tablet } = DEFAULTS;
  return { rows, show_transcripts, show_play, wall_tablet };
}

export interface Form {
  schema: object[];
  computeLabel(field: { name: string }): string;
  computeHelper(field: { name: string }): string | undefined;
}

// Home Assistant's form shows the default of a field that is neither required nor configured; its slider
// would stand at 0 all the same, so that the number has a box. The texts may come later than the form.
export function form(texts: () => Texts | undefined): Form {
  const { rows, show_transcripts, show_play, wall_tablet } = DEFAULTS;
  return {
    schema: [
      {
        name: "title",
        get default(): string | undefined {
          return texts()?.get("page.title");
        },
        selector: { text: {} },
      },
      { name: "satellites", selector: { device: { multiple: true, filter: { integration: DOMAIN } } } },
      { name: "rows", default: rows, selector: { number: { min: 0, max: 10, mode: "box" } } },
      { name: "show_transcripts", default: show_transcripts, selector: { boolean: {} } },
      { name: "show_play", default: show_play, selector: { boolean: {} } },
      { name: "wall_tablet", default: wall_tablet, selector: { boolean: {} } },
    ],
    computeLabel: ({ name }) => texts()?.get(`card.option_${name}`) || name,
    computeHelper: ({ name }) => texts()?.get(`card.option_${name}_detail`) || undefined,
  };
}

// What holds with a configuration; an option without a value has its default.
export function effective(config: Config): Effective {
  const chosen = Object.entries(config).filter(([, value]) => value !== undefined && value !== null);
  const whole = { ...DEFAULTS, ...Object.fromEntries(chosen) } as Effective;
  if (!Number.isInteger(whole.rows) || whole.rows < 0 || whole.rows > 10) throw new Error("rows: 0 to 10");
  return whole;
}
