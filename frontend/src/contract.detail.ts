// What is told of one recording beside its words: why it was made, what became of it, how loud it is, and what was wrong.
import type { HeardBy, Label, RunStatus, SoundVerdict } from "./contract.generated";

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

// Of its loudest half second and its largest sample, in dBFS; the share of samples that are cut off; and what is wrong.
export interface Sound {
  level: number;
  peak: number;
  clipped: number;
  problem: SoundVerdict | null;
}

// What is told about one recording only. Recordings of earlier versions know neither scores nor results.
export interface Detail {
  why?: Why | null;
  run?: Run | null;
  sound?: Sound | null;
}
