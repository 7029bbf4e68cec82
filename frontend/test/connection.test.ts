import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Hass, LiveEvent } from "../src/contract";
import { House } from "../src/connection";

const state = { type: "state", house: { recordings: 0 }, satellites: [], permissions: { admin: true } } as unknown as LiveEvent;

class Connection {
  callbacks: ((event: LiveEvent) => void)[] = [];
  ended = 0;
  refuse?: string;

  async subscribeMessage(callback: (event: LiveEvent) => void): Promise<() => Promise<void>> {
    if (this.refuse) throw { code: this.refuse };
    this.callbacks.push(callback);
    return async () => {
      this.ended += 1;
    };
  }
}

describe("house", () => {
  let connection: Connection;
  let house: House;
  let hass: Hass;

  beforeEach(() => {
    vi.useFakeTimers();
    connection = new Connection();
    hass = { connected: true, connection } as unknown as Hass;
    house = new House(hass);
  });

  it("tells its listeners what happens", async () => {
    const listener = { houseChanged: vi.fn(), recordingsAdded: vi.fn(), recordingsDeleted: vi.fn() };
    house.listen(listener);
    house.open();
    await vi.advanceTimersByTimeAsync(0);
    connection.callbacks[0]!(state);
    connection.callbacks[0]!({ type: "deleted", recording_ids: ["a"] });
    expect(house.status).toBe("ready");
    expect(listener.houseChanged).toHaveBeenCalled();
    expect(listener.recordingsDeleted).toHaveBeenCalledWith(["a"]);
  });

  it("comes back after a reload of the integration, and has the list read anew", async () => {
    const listener = { recordingsReset: vi.fn() };
    house.listen(listener);
    house.open();
    await vi.advanceTimersByTimeAsync(0);
    connection.callbacks[0]!(state);
    connection.refuse = "not_loaded";
    connection.callbacks[0]!({ type: "ended" });
    expect(house.status).toBe("not_loaded");
    await vi.advanceTimersByTimeAsync(4100);
    connection.refuse = undefined;
    await vi.advanceTimersByTimeAsync(2100);
    connection.callbacks[1]!(state);
    expect(house.status).toBe("ready");
    expect(listener.recordingsReset).toHaveBeenCalledTimes(1);
  });

  it("shows that it is offline", async () => {
    house.open();
    await vi.advanceTimersByTimeAsync(0);
    connection.callbacks[0]!(state);
    house.update({ ...hass, connected: false });
    expect(house.status).toBe("offline");
    house.update(hass);
    expect(house.status).toBe("ready");
  });

  it("leaves nothing behind", async () => {
    house.open();
    await vi.advanceTimersByTimeAsync(0);
    house.close();
    expect(connection.ended).toBe(1);
    connection.callbacks[0]!(state);
    expect(house.state).toBeUndefined();
  });

  it("turns errors into codes", async () => {
    hass.callWS = async () => {
      throw { code: "unauthorized" };
    };
    await expect(house.call("access_log")).rejects.toMatchObject({ code: "unauthorized" });
    hass.fetchWithAuth = async () => new Response(null, { status: 404 });
    await expect(house.fetch("x")).rejects.toMatchObject({ code: "recording_not_found" });
  });
});
