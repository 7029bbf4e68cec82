// What the commands of proofs answer.
import type { Link } from "./contract.rooms";

export interface SelfTestResult {
  when: string;
  // Null when some place could not be searched.
  passed: boolean | null;
  checks: Record<string, "passed" | "failed" | "not_checked">;
}

export interface SelfTestAnswer {
  result: SelfTestResult | null;
}

export interface LedgerAnswer {
  on: boolean;
  entries: number;
  // Not on disk yet.
  waiting: number;
}

export interface Finding {
  place: string;
  // Null when nobody could look.
  count: number | null;
  names: string[];
  removable: boolean;
}

// How far sound and text go, by stage; and the stages that reach farther than what was accepted.
export interface PipelineFlow {
  name: string;
  stages: Record<string, string>;
  wider: string[];
}

export interface DataFlowAnswer {
  pipelines?: PipelineFlow[];
  satellites?: { name: string; link: Link }[];
}
