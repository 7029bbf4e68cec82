// The part of Home Assistant's own object that is used here.
export interface Hass {
  connected: boolean;
  language: string;
  locale: { language: string; time_format: string; time_zone: string };
  config: { time_zone: string };
  user?: { id: string; is_admin: boolean };
  themes: { darkMode: boolean };
  entities?: Record<string, { platform?: string; entity_id: string }>;
  connection: {
    subscribeMessage<T>(
      callback: (event: T) => void,
      message: Record<string, unknown>,
      options?: { resubscribe?: boolean },
    ): Promise<() => Promise<void>>;
  };
  callWS<T>(message: Record<string, unknown>): Promise<T>;
  fetchWithAuth(path: string, init?: RequestInit): Promise<Response>;
}
