// What is told of one recording beside its words: why it was made, what became of it, and what was wrong with it.
import type { HeardBy, Label, RunStatus } from "./contract.generated";

export interface Feedback {
  label: Label;
  correction: string | null;
}

// How its wake word was heard: scores oldest first, SCORE_STEP seconds apart.
export interface Why {
  heard_by: HeardBy | null;
  engine: string | null;
  scores: number[];
  filter_score: number | null;
}

// What became of its Assist run, and the page of Home Assistant that shows the run while it is in memory.
export interface Run {
  status: RunStatus;
  code: string | null;
  message: string | null;
  debug: string | null;
}
