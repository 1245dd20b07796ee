/** What a key may be used for. `write` includes `read`. */
export const apiScopes = [
  "servers:read",
  "servers:write",
  "connections:read",
  "connections:write",
  "assistants:read",
  "assistants:write",
  "chat:read",
  "chat:write",
  "people:read",
  "people:write",
  "settings:read",
  "settings:write",
  "webhooks:read",
  "webhooks:write",
  "audit:read",
] as const;
export type ApiScope = (typeof apiScopes)[number];
