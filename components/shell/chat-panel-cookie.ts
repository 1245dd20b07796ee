/**
 * The panel's state is in a cookie, not in localStorage: the server must know it to render the
 * page's columns correctly at once.
 */
export const chatPanelCookieName = "usher-chat-panel";

export const chatPanelWidth = { least: 340, usual: 400, most: 600 } as const;

/** `width` in CSS px. */
export type ChatPanelState = { open: boolean; width: number };

export function clampChatPanelWidth(width: number): number {
  if (!Number.isFinite(width)) return chatPanelWidth.usual;
  return Math.min(chatPanelWidth.most, Math.max(chatPanelWidth.least, Math.round(width)));
}

/** Reads `open.400`; anything else is the default: closed. */
export function parseChatPanelState(value: string | undefined): ChatPanelState {
  const [word, width] = (value ?? "").split(".");
  return { open: word === "open", width: clampChatPanelWidth(Number(width || Number.NaN)) };
}

export function chatPanelCookie({ open, width }: ChatPanelState): string {
  const value = `${open ? "open" : "closed"}.${clampChatPanelWidth(width)}`;
  return `${chatPanelCookieName}=${value}; Path=/; Max-Age=31536000; SameSite=Lax`;
}
