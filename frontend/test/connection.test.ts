import { beforeEach, describe, expect, it, vi } from "vitest";
import type { LiveEvent } from "../src/contract";
import type { Hass } from "../src/hass";
import { Connection } from "../src/connection";

const state = {
  type: "state",
  house: { recordings: 0 },
  satellites: [],
  permissions: { admin: true },
} as unknown as LiveEvent;

class Socket {
  callbacks: ((event: LiveEvent) => void)[] = [];
  ended = 0;
  refuse?: string;
  silent = false;
  options: unknown[] = [];

  async subscribeMessage(
    callback: (event: LiveEvent) => void,
    _message: unknown,
    options?: unknown,
  ): Promise<() => Promise<void>> {
    this.options.push(options);
    // As Home Assistant's own does where the connection is lost before the answer.
    if (this.silent) return await new Promise(() => undefined);
    if (this.refuse) throw { code: this.refuse };
    this.callbacks.push(callback);
    return async () => {
      this.ended += 1;
    };
  }
}

describe("connection", () => {
  let socket: Socket;
  let connection: Connection;
  let hass: Hass;

  beforeEach(() => {
    vi.useFakeTimers();
    socket = new Socket();
    hass = { connected: true, connection: socket } as unknown as Hass;
    connection = new Connection(hass);
  });

  it("tells its listeners what happens", async () => {
    const listener = { stateChanged: vi.fn(), recordingsAdded: vi.fn(), recordingsDeleted: vi.fn() };
    connection.listen(listener);
    connection.open();
    await vi.advanceTimersByTimeAsync(0);
    socket.callbacks[0]!(state);
    socket.callbacks[0]!({ type: "deleted", recording_ids: ["a"] });
    expect(connection.status).toBe("ready");
    expect(listener.stateChanged).toHaveBeenCalled();
    expect(listener.recordingsDeleted).toHaveBeenCalledWith(["a"]);
  });

  it("comes back after a reload of the integration, and has the list read anew", async () => {
    const listener = { recordingsReset: vi.fn() };
    connection.listen(listener);
    connection.open();
    await vi.advanceTimersByTimeAsync(0);
    socket.callbacks[0]!(state);
    socket.refuse = "not_loaded";
    socket.callbacks[0]!({ type: "ended" });
    expect(connection.status).toBe("not_loaded");
    await vi.advanceTimersByTimeAsync(4100);
    socket.refuse = undefined;
    await vi.advanceTimersByTimeAsync(2100);
    socket.callbacks[1]!(state);
    expect(connection.status).toBe("ready");
    expect(listener.recordingsReset).toHaveBeenCalledTimes(1);
  });

  it("shows that it is offline", async () => {
    connection.open();
    await vi.advanceTimersByTimeAsync(0);
    socket.callbacks[0]!(state);
    connection.update({ ...hass, connected: false });
    expect(connection.status).toBe("offline");
    connection.update(hass);
    expect(connection.status).toBe("ready");
  });

  it("leaves nothing behind", async () => {
    connection.open();
    await vi.advanceTimersByTimeAsync(0);
    connection.close();
    expect(socket.ended).toBe(1);
    socket.callbacks[0]!(state);
    expect(connection.state).toBeUndefined();
  });

  describe("what is followed", () => {
    const follow = (onLost?: () => void): Promise<() => void> =>
      connection.follow("microphones/test", { satellite_id: "a" }, () => undefined, onLost);

    it("is not begun without a connection, where it would wait forever", async () => {
      connection.update({ ...hass, connected: false });
      socket.silent = true;
      await expect(follow()).rejects.toMatchObject({ code: "failed" });
      expect(socket.options).toEqual([]);
    });

    it("fails if the connection is lost before the answer", async () => {
      socket.silent = true;
      const lost = vi.fn();
      const begun = follow(lost);
      connection.update({ ...hass, connected: false });
      await expect(begun).rejects.toMatchObject({ code: "failed" });
      expect(lost).not.toHaveBeenCalled();
    });

    it("is never asked for again by itself", async () => {
      await follow();
      expect(socket.options).toEqual([{ resubscribe: false }]);
    });

    it("tells once that the connection was lost, and then ends nothing that is another's by now", async () => {
      const [lost, others] = [vi.fn(), vi.fn()];
      const end = await follow(lost);
      const endOther = await follow(others);
      endOther();
      expect(socket.ended).toBe(1);
      connection.update({ ...hass, connected: false });
      connection.update(hass);
      connection.update({ ...hass, connected: false });
      end();
      endOther();
      expect(lost).toHaveBeenCalledTimes(1);
      expect(others).not.toHaveBeenCalled();
      expect(socket.ended).toBe(1);
    });
  });

  it("turns errors into codes", async () => {
    hass.callWS = async () => {
      throw { code: "unauthorized" };
    };
    await expect(connection.call("access_log")).rejects.toMatchObject({ code: "unauthorized" });
    hass.fetchWithAuth = async () => new Response(null, { status: 404 });
    await expect(connection.fetch("x")).rejects.toMatchObject({ code: "recording_not_found" });
  });

  it("keeps what the sentence of an error is filled with", async () => {
    hass.callWS = async () => {
      throw { code: "wake_model_operation", translation_placeholders: { operation: "Xyz" } };
    };
    await expect(connection.call("wake_words/list")).rejects.toMatchObject({ placeholders: { operation: "Xyz" } });
  });

  it("uploads a form, and is told why it was refused", async () => {
    const answers = (status: number, body: string): void => {
      hass.fetchWithAuth = vi.fn(async () => new Response(body, { status }));
    };
    const form = new FormData();
    answers(200, '{"file": "a.onnx"}');
    await expect(connection.send("wake_words", form)).resolves.toEqual({ file: "a.onnx" });
    expect(hass.fetchWithAuth).toHaveBeenCalledWith("/api/voice_privacy/wake_words", { method: "POST", body: form });
    answers(400, '{"code": "wake_model_operation", "placeholders": {"operation": "Xyz"}}');
    await expect(connection.send("x", form)).rejects.toMatchObject({
      code: "wake_model_operation",
      placeholders: { operation: "Xyz" },
    });
    // What stands before Home Assistant refuses in its own words.
    for (const [status, code] of [
      [403, "unauthorized"],
      [413, "wake_model_too_large"],
      [502, "failed"],
    ] as const) {
      answers(status, "<html>");
      await expect(connection.send("x", form)).rejects.toMatchObject({ code });
    }
    hass.fetchWithAuth = async () => {
      throw new TypeError("no network");
    };
    await expect(connection.send("x", form)).rejects.toMatchObject({ code: "failed" });
  });

  it("asks for the sentences of error codes in a language", async () => {
    hass.callWS = vi.fn(async () => ({ resources: { a: "b" } })) as unknown as Hass["callWS"];
    await expect(connection.exceptions("de")).resolves.toEqual({ a: "b" });
    expect(hass.callWS).toHaveBeenCalledWith(expect.objectContaining({ language: "de", category: "exceptions" }));
  });
});
