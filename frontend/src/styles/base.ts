// One look for page and card.
import type { CSSResultGroup } from "lit";
import { blocks } from "./blocks";
import { controls } from "./controls";
import { theme } from "./theme";

export const base: CSSResultGroup = [theme, controls, blocks];
