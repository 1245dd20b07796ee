import { z } from "zod";
import { type NoticeKind, noticeKinds } from "./notice";

/** Something that needs the person who asks. */
export const openNotice = z.object({
  kind: z.enum(noticeKinds),
  serverId: z.string(),
  serverName: z.string(),
  /** Of the account that everybody shares. */
  shared: z.boolean(),
  /** How many people wait for a shared account and asked the admins. */
  waitingPeople: z.number(),
  /** Two of their names at most. */
  waitingNames: z.array(z.string()),
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

export function noticeWords(notice: OpenNotice): NoticeWords {
  const href = notice.shared ? `/mcp-servers/${notice.serverId}` : "/connections";
  return { ...words[notice.kind](notice), href };
}

const words: Record<NoticeKind, (notice: OpenNotice) => Omit<NoticeWords, "href">> = {
  authorization_requested: (notice) => ({
    title: `${notice.serverName} needs authorization`,
    text: `${whoWaits(notice)} for it in the chat. Answers continue once the shared account is authorized.`,
    action: "Authorize",
  }),
  shared_account_needs_authorization: ({ serverName: server }) => ({
    title: `${server} needs authorization`,
    text: "The shared account is not connected, so nobody can use this server.",
    action: "Authorize",
  }),
  own_account_needs_authorization: ({ serverName: server }) => ({
    title: `Authorize ${server} again`,
    text: "The access of your account has ended. Calls ask you for it until you authorize again.",
    action: "Authorize again",
  }),
  refresh_failing: ({ serverName: server, shared }) => ({
    title: `${server} cannot be refreshed`,
    text: shared
      ? "The provider has not renewed the shared account for about an hour. Usher keeps trying."
      : "The provider has not renewed your account for about an hour. Usher keeps trying.",
    action: "See the error",
  }),
};

/** "Ada waits", "Ada and Grace wait", "Ada and 3 others wait". */
function whoWaits({ waitingNames: [first = "Somebody", second], waitingPeople }: OpenNotice) {
  if (second === undefined) return `${first} waits`;
  return waitingPeople === 2
    ? `${first} and ${second} wait`
    : `${first} and ${waitingPeople - 1} others wait`;
}
