import { expect, it } from "vitest";
import {
  chatPanelCookie,
  chatPanelWidth,
  parseChatPanelState,
} from "@/components/shell/chat-panel-cookie";

it("reads back the state that it wrote", () => {
  const cookie = chatPanelCookie({ open: true, width: 420 });
  const value = cookie.slice(cookie.indexOf("=") + 1, cookie.indexOf(";"));
  expect(parseChatPanelState(value)).toEqual({ open: true, width: 420 });
});

it("is closed and has the default width for a new person", () => {
  expect(parseChatPanelState(undefined)).toEqual({ open: false, width: chatPanelWidth.usual });
});

it.each([
  ["open.99999", chatPanelWidth.most],
  ["open.-5", chatPanelWidth.least],
  ["open.expression(1)", chatPanelWidth.usual],
  ["open.", chatPanelWidth.usual],
  ["open.Infinity", chatPanelWidth.usual],
])("keeps the width of %s within its bounds", (value, width) => {
  expect(parseChatPanelState(value)).toEqual({ open: true, width });
});
