"use client";

import type { KeyboardEvent, PointerEvent } from "react";
import { chatPanelWidth } from "./chat-panel-cookie";
import { useChatPanel } from "./chat-panel-state";

const step = 20;

/** The panel's left edge: drag it, or focus it and use the arrow keys; a double click resets it. */
export function ChatPanelResizer() {
  const { width, resize } = useChatPanel();

  function onPointerMove(event: PointerEvent<HTMLElement>) {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    resize(document.documentElement.clientWidth - event.clientX);
  }

  function onKeyDown(event: KeyboardEvent) {
    const next = {
      ArrowLeft: width + step,
      ArrowRight: width - step,
      Home: chatPanelWidth.most,
      End: chatPanelWidth.least,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    resize(next);
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that moves; <hr> cannot
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label="Chat width"
      aria-valuenow={width}
      aria-valuemin={chatPanelWidth.least}
      aria-valuemax={chatPanelWidth.most}
      tabIndex={0}
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={onPointerMove}
      onKeyDown={onKeyDown}
      onDoubleClick={() => resize(chatPanelWidth.usual)}
      className="absolute inset-y-0 -left-1 z-10 w-2 cursor-col-resize touch-none outline-none after:absolute after:inset-y-0 after:left-1 after:w-px after:transition-colors hover:after:bg-ring focus-visible:after:w-0.5 focus-visible:after:bg-ring active:after:bg-ring max-lg:hidden"
    />
  );
}
