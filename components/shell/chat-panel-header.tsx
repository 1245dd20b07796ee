"use client";

import { type ReactNode, useContext } from "react";
import { createPortal } from "react-dom";
import { ChatPanelContext } from "./chat-panel-state";

/**
 * Puts its children into the panel's header, before the panel's own buttons, in place of the word
 * "Chat". Shows nothing on the full chat page, where there is no panel.
 */
export function ChatPanelHeader({ children }: { children: ReactNode }) {
  const slot = useContext(ChatPanelContext)?.headerSlot;
  return slot ? createPortal(children, slot) : null;
}
