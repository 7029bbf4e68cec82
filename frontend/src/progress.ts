// How far a deletion has come: keys first, then the receipt, then what nobody can open any more.
import type { DeletionEvent, Receipt } from "./contract";

export interface Progress {
  // Of recordings whose keys are being destroyed.
  total?: number;
  receipt?: Receipt;
  // Rows and files that are still to be removed.
  left?: number;
  // Rows that were found after all of them should be gone; null when nobody could be asked.
  rows?: number | null;
  failed?: string;
}

export function proceed(before: Progress, event: DeletionEvent): Progress {
  switch (event.type) {
    case "destroying":
      return { ...before, total: event.total };
    case "receipt":
      return { ...before, receipt: event.receipt, left: event.receipt.pending };
    case "removing":
      // Another deletion may have begun meanwhile: this one's share never grows.
      return { ...before, left: Math.min(before.left ?? event.left, event.left) };
    case "counted":
      return { ...before, left: 0, rows: event.rows };
    case "failed":
      return { ...before, failed: event.code };
  }
}
