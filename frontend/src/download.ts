// Hand a file that is in memory to the browser to save.
import type { Connection } from "./connection";
import type { Recording } from "./contract";

const FORGET_MILLISECONDS = 10_000;

export function saveAs(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), FORGET_MILLISECONDS);
}

export async function saveRecording(connection: Connection, { id, started_at }: Recording): Promise<void> {
  const response = await connection.fetch(`recordings/${id}/audio?download`);
  saveAs(await response.blob(), `voice-privacy-${started_at.slice(0, 19).replaceAll(":", "-")}.wav`);
}

// Several at once, as an archive.
export async function saveRecordings(connection: Connection, ids: string[], day: string): Promise<void> {
  const response = await connection.fetch(`archive?${new URLSearchParams({ recording_ids: ids.join(",") })}`);
  saveAs(await response.blob(), `voice-privacy-${day}.zip`);
}
