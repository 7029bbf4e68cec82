// What the keys of the timeline do.
import type { Recording } from "../contract";
import type { Selection } from "../controllers/selection";
import type { Act } from "../controllers/shortcuts";
import type { RowActions } from "./recording-row";

export interface KeyTarget extends RowActions {
  // Of the list; the one that the tab key reaches.
  readonly reached: Recording | undefined;
  readonly selection: Selection;
  mayDelete(recording: Recording): boolean;
  move(step: 1 | -1): boolean;
  // Put the focus on the one that is reached, so that the next key goes on from there.
  enter(): void;
  deleteSelected(): void;
  search(): void;
  help(): void;
  undo(): boolean;
}

export function timelineKeys(list: KeyTarget): Record<string, Act> {
  const onReached =
    (act: (recording: Recording) => void, deletable = false): Act =>
    () => {
      const { reached } = list;
      if (!reached || (deletable && !list.mayDelete(reached))) return false;
      act(reached);
      return true;
    };
  const remove = onReached((recording) => list.delete(recording), true);
  return {
    j: () => list.move(1),
    k: () => list.move(-1),
    " ": onReached((recording) => list.play(recording)),
    o: onReached((recording) => list.open(recording)),
    x: onReached((recording) => {
      list.select(recording, !list.selection.has(recording.id), false);
      list.enter();
    }, true),
    Delete: (event) => {
      if (!list.selection.size) return remove(event);
      list.deleteSelected();
      return true;
    },
    "/": () => {
      list.search();
      return true;
    },
    "?": () => {
      list.help();
      return true;
    },
    undo: () => list.undo(),
    Escape: () => {
      if (!list.selection.shown) return false;
      list.selection.leave();
      return true;
    },
  };
}

// A click on the row itself, and neither on one of its controls nor to mark words for copying.
export function isOnRow(event: MouseEvent): boolean {
  const path = event.composedPath();
  const inside = path.slice(0, path.indexOf(event.currentTarget as EventTarget));
  return (
    !inside.some((node) => node instanceof Element && node.matches("button, input, a")) && !String(getSelection() ?? "")
  );
}
