"use client";

import { usePathname } from "next/navigation";
import {
  createContext,
  type ReactNode,
  type RefObject,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { type ChatPanelState, chatPanelCookie, clampChatPanelWidth } from "./chat-panel-cookie";

/** Below this width the panel covers the page instead of standing beside it. Tailwind's `lg`. */
const beside = "(min-width: 64rem)";

export type ChatPanel = {
  /** The panel stands beside the page (wide windows only; remembered between visits). */
  open: boolean;
  /** The panel covers the page (narrow windows only; never remembered). */
  covering: boolean;
  /** There is no panel: the page itself is the chat, or the person does not chat. */
  absent: boolean;
  width: number;
  show: () => void;
  hide: () => void;
  toggle: () => void;
  resize: (width: number) => void;
  panel: RefObject<HTMLElement | null>;
  headerSlot: HTMLElement | null;
  setHeaderSlot: (element: HTMLElement | null) => void;
};

export const ChatPanelContext = createContext<ChatPanel | null>(null);

/** @throws Error outside the workspace's pages. */
export function useChatPanel(): ChatPanel {
  const panel = useContext(ChatPanelContext);
  if (!panel) throw new Error("useChatPanel works inside the workspace's layout only.");
  return panel;
}

function remember(state: ChatPanelState) {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in browsers we serve
  document.cookie = chatPanelCookie(state);
}

/** Ctrl+J or Cmd+J, on every page of the workspace. */
function useShortcut(toggle: () => void) {
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      const plain = !event.shiftKey && !event.altKey && !event.repeat;
      if (!plain || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "j") return;
      event.preventDefault();
      toggle();
    }
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [toggle]);
}

/** When a person shows the panel, it takes the focus; when hidden, it returns it. */
function useFocusHandover(panel: RefObject<HTMLElement | null>) {
  const before = useRef<Element | null>(null);
  const take = useCallback(() => {
    before.current = document.activeElement;
    requestAnimationFrame(() => {
      const input = panel.current?.querySelector<HTMLElement>("[data-chat-input]");
      (input ?? panel.current)?.focus();
    });
  }, [panel]);
  const giveBack = useCallback(() => {
    const held = panel.current?.contains(document.activeElement) ?? false;
    const target = before.current;
    before.current = null;
    // In the next frame: until then a covered page is inert and takes no focus.
    if (held && target instanceof HTMLElement) requestAnimationFrame(() => target.focus());
  }, [panel]);
  return { take, giveBack };
}

export function ChatPanelProvider({
  initial,
  exists,
  children,
}: {
  initial: ChatPanelState;
  exists: boolean;
  children: ReactNode;
}) {
  const [state, setState] = useState(initial);
  const [covering, setCovering] = useState(false);
  const [headerSlot, setHeaderSlot] = useState<HTMLElement | null>(null);
  const panel = useRef<HTMLElement | null>(null);
  const { take, giveBack } = useFocusHandover(panel);
  const pathname = usePathname();
  const absent = !exists || pathname === "/chat" || pathname.startsWith("/chat/");

  const set = useCallback(
    (shown: boolean) => {
      if (!shown) giveBack();
      if (window.matchMedia(beside).matches) {
        setState((old) => ({ ...old, open: shown }));
      } else {
        setCovering(shown);
      }
      if (shown) take();
    },
    [take, giveBack],
  );

  const first = useRef(true);
  useEffect(() => {
    if (first.current) first.current = false;
    else remember(state);
  }, [state]);

  useEffect(() => {
    const wide = window.matchMedia(beside);
    const onChange = () => setCovering(false);
    wide.addEventListener("change", onChange);
    return () => wide.removeEventListener("change", onChange);
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page uncovers itself
  useEffect(() => setCovering(false), [pathname]);

  const toggle = useCallback(() => {
    if (absent) {
      document.querySelector<HTMLElement>("main [data-chat-input]")?.focus();
      return;
    }
    set(window.matchMedia(beside).matches ? !state.open : !covering);
  }, [absent, set, state.open, covering]);
  useShortcut(toggle);

  const value = useMemo<ChatPanel>(
    () => ({
      open: state.open && !absent,
      covering: covering && !absent,
      absent,
      width: state.width,
      show: () => set(true),
      hide: () => set(false),
      toggle,
      resize: (width) => setState((old) => ({ ...old, width: clampChatPanelWidth(width) })),
      panel,
      headerSlot,
      setHeaderSlot,
    }),
    [state, covering, absent, set, toggle, headerSlot],
  );
  return <ChatPanelContext value={value}>{children}</ChatPanelContext>;
}
