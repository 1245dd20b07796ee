import * as z from "zod";
import { type NoticeKind, noticeKinds } from "./notice";

/** Something that needs the attention of the person who asks. */
export const openNotice = z.object({
  kind: z.enum(noticeKinds),
  /** Both null: it is about the installation. */
  serverId: z.string().nullable(),
  serverName: z.string().nullable(),
  /** For the shared account, or the installation. */
  shared: z.boolean(),
  /** It is the team's account at a server where people have their own. */
  besideOwn: z.boolean(),
  /** Which of the person's accounts it is about, if they have several there. */
  accountNames: z.array(z.string()),
  /** How many people wait for a shared account and asked the admins. */
  waitingPeople: z.number(),
  /** At most two of their names. */
  waitingNames: z.array(z.string()),
  /** When it was first seen. Null: just now. */
  openedAt: z.string().nullable(),
});
export type OpenNotice = z.infer<typeof openNotice>;

/** Oldest first. */
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
  return {
    ...words[notice.kind]({ ...notice, serverName: notice.serverName ?? "" }),
    href: placeOf(notice),
  };
}

function placeOf({ serverId, shared }: OpenNotice): string {
  if (serverId === null) return "/settings/doctor";
  return shared
    ? `/mcp-servers/${encodeURIComponent(serverId)}`
    : `/connections?${new URLSearchParams({ server: serverId })}`;
}

type Words = (notice: OpenNotice & { serverName: string }) => Omit<NoticeWords, "href">;

const words: Record<NoticeKind, Words> = {
  authorization_requested: (notice) => ({
    title: `${notice.serverName} needs authorization`,
    text: `${whoWaits(notice)} for it in the chat. Answers continue once the shared account is authorized.`,
    action: "Authorize",
  }),
  shared_account_needs_authorization: ({ serverName: server, besideOwn }) => ({
    title: `${server} needs authorization`,
    text: besideOwn
      ? "The access of the team’s account has ended, so only people with their own account can use this server."
      : "The shared account is not connected, so nobody can use this server.",
    action: "Authorize",
  }),
  own_account_needs_authorization: (notice) => ({
    title: `Authorize ${notice.serverName} again`,
    text: `The access of ${whose(notice)} has ended. Calls that need it ask you to authorize again.`,
    action: "Authorize again",
  }),
  reauthorization_requested: (notice) => ({
    title: `Authorize ${notice.serverName} again`,
    text: notice.shared
      ? `An admin asked for a new authorization of ${whose(notice)}.`
      : `An admin asked you to authorize ${whose(notice)} again.`,
    action: "Authorize again",
  }),
  refresh_failing: (notice) => ({
    title: `${notice.serverName} cannot be refreshed`,
    text: `The provider has not renewed ${whose(notice)} for about an hour. Usher keeps trying.`,
    action: "See the error",
  }),
  access_ends_soon: (notice) => ({
    title: `Access to ${notice.serverName} ends soon`,
    text: `The access of ${whose(notice)} ends within a day and cannot be renewed. Authorize again to keep it working.`,
    action: "Authorize again",
  }),
  tools_to_review: ({ serverName: server }) => ({
    title: `${server} has tools to review`,
    text: "It changed or added tools. Calls to them ask for confirmation until an admin accepts them.",
    action: "Review tools",
  }),
  sweep_late: () => ({
    title: "Refreshes are late",
    text: "No refresh sweep has begun for more than 15 minutes. Access that expires is not renewed until one does.",
    action: "Open Doctor",
  }),
  encryption_key_old: () => ({
    title: "The encryption key is more than a year old",
    text: "Set a new SECRETS_ENCRYPTION_KEY, keep the old one, and run npm run secrets:rotate.",
    action: "Open Doctor",
  }),
};

function whose({ shared, besideOwn, accountNames }: OpenNotice): string {
  if (shared) return besideOwn ? "the team’s account" : "the shared account";
  const names = accountNames.map((name) => `“${name}”`);
  if (names.length === 0) return "your account";
  return `your ${names.length === 1 ? "account" : "accounts"} ${names.join(", ")}`;
}

/** "Ada waits", "Ada and Grace wait", "Ada and 3 others wait". */
function whoWaits({ waitingNames: [first = "Somebody", second], waitingPeople }: OpenNotice) {
  if (second === undefined) return `${first} waits`;
  return waitingPeople === 2
    ? `${first} and ${second} wait`
    : `${first} and ${waitingPeople - 1} others wait`;
}
