// What the dialog that deletes is asked, with what would go in words.
import type { Connection } from "../connection";
import type { Recording } from "../contract";
import type { Quote } from "../controllers/pending-deletions";
import type { Texts } from "../texts";
import type { DeletionPrompt } from "./deletion-dialog";

function quoteOf(texts: Texts, connection: Connection, recording: Recording): Quote {
  const { started_at, satellite_id, transcript = null } = recording;
  const when = texts.moment(started_at, connection.state!.house.today);
  const name = connection.nameOf(satellite_id) ?? texts.get("common.removed_satellite");
  return { text: transcript, about: `${when}, ${name}` };
}

export function promptOfOne(texts: Texts, connection: Connection, recording: Recording): DeletionPrompt {
  const { id } = recording;
  return {
    title: texts.get("delete.title_one"),
    request: { scope: "ids", recording_ids: [id] },
    quotes: [quoteOf(texts, connection, recording)],
    undoable: id,
  };
}

// Of what is selected, only what is shown can be quoted.
export function promptOfSelection(
  texts: Texts,
  connection: Connection,
  ids: ReadonlySet<string>,
  shown: Recording[],
): DeletionPrompt {
  return {
    title: texts.get("delete.title_selection", { recordings: texts.count("recordings", ids.size) }),
    request: { scope: "ids", recording_ids: [...ids] },
    quotes: shown.filter(({ id }) => ids.has(id)).map((recording) => quoteOf(texts, connection, recording)),
  };
}

export function promptOfDay(texts: Texts, connection: Connection, day: string): DeletionPrompt {
  const name = texts.dayName(day, connection.state!.house.today);
  return { title: texts.get("delete.title_day", { day: name }), request: { scope: "day", day } };
}
