import { z } from "zod";
import { type NoticeKind, noticeKinds } from "./notice";

/** Something that needs the person who asks. */
export const openNotice = z.object({
  kind: z.enum(noticeKinds),
  serverId: z.string(),
  serverName: z.string(),
  /** Of the account that everybody shares. */
  shared: z.boolean(),
  /** When it was first seen. Null: just now. */
  openedAt: z.string().nullable(),
});
export type OpenNotice = z.infer<typeof openNotice>;

/** The oldest first. */
export const noticeList = z.object({ notices: z.array(openNotice) });
export type NoticeList = z.infer<typeof noticeList>;

interface NoticeWords {
  title: string;
  /** What it means, and who does what. */
  text: string;
  action: string;
  href: string;
}

export function noticeWords({ kind, serverId, serverName, shared }: OpenNotice): NoticeWords {
  const href = shared ? `/mcp-servers/${serverId}` : "/connections";
  return { ...words[kind](serverName, shared), href };
}

const words: Record<NoticeKind, (server: string, shared: boolean) => Omit<NoticeWords, "href">> = {
  shared_account_needs_authorization: (server) => ({
    title: `${server} needs authorization`,
    text: "The shared account is not connected, so nobody can use this server. An admin authorizes it.",
    action: "Authorize",
  }),
  own_account_needs_authorization: (server) => ({
    title: `Authorize ${server} again`,
    text: "The access of your account has ended. Calls ask you for it until you authorize again.",
    action: "Authorize again",
  }),
  refresh_failing: (server, shared) => ({
    title: `${server} cannot be refreshed`,
    text: shared
      ? "The provider has not renewed the shared account for about an hour. Usher keeps trying."
      : "The provider has not renewed your account for about an hour. Usher keeps trying.",
    action: "See the error",
  }),
};
